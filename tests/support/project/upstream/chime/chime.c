/* SPDX-License-Identifier: MIT */
#include "chime.h"
#include <stdio.h>

int main(void) { return puts(chime_ring()) < 0; }
