/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/var/lib/varstored/"
#ifdef AUTH_ONLY_PK_REQUIRED
static const char *needed[] = {FOLDER "PK.auth"};
#else
static const char *needed[] = {FOLDER "PK.auth", FOLDER "KEK.auth", FOLDER "db.auth"};
#endif

int main(int argc, char **argv)
{
	unsigned int i;
	if (argc > 1 && !strcmp(argv[1], "--version"))
		return puts("varstored") < 0;
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (access(needed[i], R_OK)) {
			perror(needed[i]);
			return 1;
		}
	return 0;
}
