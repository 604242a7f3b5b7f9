/* SPDX-License-Identifier: Apache-2.0 */
#include "include/vhd/libvhd.h"
int main(void)
{
	return vhd_open("disk");
}
