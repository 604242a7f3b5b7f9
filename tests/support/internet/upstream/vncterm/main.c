/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <unistd.h>

int main(void)
{
	if (access("/usr/share/qemu/keymaps/en-us", R_OK)) {
		perror("keymap en-us");
		return 1;
	}
	pause();
	return 0;
}
