/* SPDX-License-Identifier: MIT */
#include "chime.h"
#include "bells/bells.h"

const char *chime_ring(void) { return BELLS; }
