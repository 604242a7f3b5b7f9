/* SPDX-License-Identifier: Apache-2.0 */
/* Goes to the background once it can serve, with the PID file that its unit names. */

#include <stdio.h>
#include <unistd.h>

int main(void)
{
	FILE *file;

	if (daemon(0, 0))
		return 1;
	file = fopen("/run/tapback.pid", "w");
	if (!file)
		return 1;
	fprintf(file, "%d\n", (int)getpid());
	fclose(file);
	pause();
	return 0;
}
