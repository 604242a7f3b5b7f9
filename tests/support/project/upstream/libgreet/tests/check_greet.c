/* SPDX-License-Identifier: Apache-2.0 */
#include "greet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

static void expect(int right, const char *what)
{
	if (!right) {
		fprintf(stderr, "FAIL: %s\n", what);
		failures++;
	}
}

int main(void)
{
	char buffer[64];

	expect(strcmp(greet_version(), "1.2.0") == 0, "version");
	expect(greet_languages() == 3, "languages are counted");
	expect(greet_format(buffer, sizeof(buffer), "en", "Ada") == 11, "length");
	expect(strcmp(buffer, "Hello, Ada!") == 0, "English");
	expect(greet_format(buffer, sizeof(buffer), "fr", "Ada") > 0, "a second language");
	expect(strcmp(buffer, "Bonjour Ada !") == 0, "French");
	expect(greet_format(buffer, sizeof(buffer), "xx", "Ada") == 7, "text without a name");
	errno = 0;
	expect(greet_format(buffer, sizeof(buffer), "zz", "Ada") == -1 && errno == EINVAL, "no such language");
	errno = 0;
	expect(greet_format(buffer, 5, "en", "Ada") == -1 && errno == ERANGE, "buffer too small");
	setenv("GREET_FILE", "no/such/file", 1);
	errno = 0;
	expect(greet_languages() == -1 && errno == ENOENT, "no greetings");
	return failures != 0;
}
