/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

/* create-auth -k KEY -c CERTIFICATE NAME OUTPUT CERTIFICATE... */
int main(int argc, char **argv)
{
	FILE *output;
	while (getopt(argc, argv, "k:c:") != -1)
		;
	if (optind + 2 >= argc)
		return 2;
	output = fopen(argv[optind + 1], "w");
	if (!output) {
		perror(argv[optind + 1]);
		return 1;
	}
	fprintf(output, "%s\n", argv[optind]);
	return fclose(output) != 0;
}
