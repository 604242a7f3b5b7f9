/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <greet/greet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Prints a greeting in a format: the format's one line, with @ for the greeting. */
static int print(const char *format, const char *greeting)
{
	const char *folder = getenv("GREET_FORMATS");
	char path[512];
	FILE *stream;
	int c;

	if (!format)
		return puts(greeting) < 0;
	snprintf(path, sizeof(path), "%s/%s.format", folder ? folder : FORMATS, format);
	stream = fopen(path, "r");
	if (!stream) {
		fprintf(stderr, "greet: no format %s: %s\n", path, strerror(errno));
		return 1;
	}
	while ((c = fgetc(stream)) != EOF) {
		if (c == '@')
			fputs(greeting, stdout);
		else
			putchar(c);
	}
	fclose(stream);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"language", required_argument, NULL, 'l'},
		{"format", required_argument, NULL, 'f'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	const char *language = "en", *format = NULL;
	char greeting[256];
	int option;

	while ((option = getopt_long(argc, argv, "l:f:v", options, NULL)) != -1) {
		if (option == 'l')
			language = optarg;
		else if (option == 'f')
			format = optarg;
		else if (option == 'v')
			return printf("greet %s, libgreet %s\n", VERSION, greet_version()) < 0;
		else
			return 2;
	}
	if (optind != argc - 1) {
		fprintf(stderr, "usage: greet [--language LANGUAGE] [--format FORMAT] NAME\n");
		return 2;
	}
	if (greet_format(greeting, sizeof(greeting), language, argv[optind]) < 0) {
		fprintf(stderr, "greet: no greeting in %s: %s\n", language, strerror(errno));
		return 1;
	}
	return print(format, greeting);
}
