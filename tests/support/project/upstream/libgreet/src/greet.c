/* SPDX-License-Identifier: Apache-2.0 */
#include "greet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line of the file is LANGUAGE <tab> TEXT, with one %s for the name. */
#define LINE 256

const char *greet_version(void)
{
	return "1.2.0";
}

static FILE *open_greetings(void)
{
	const char *file = getenv("GREET_FILE");

	return fopen(file ? file : GREET_FILE, "r");
}

static int fill(char *buffer, size_t size, const char *text, const char *name)
{
	const char *mark = strstr(text, "%s");
	int before = mark ? (int)(mark - text) : (int)strlen(text);
	int length = snprintf(buffer, size, "%.*s%s%s", before, text, mark ? name : "",
			      mark ? mark + 2 : "");

	if (length < 0 || (size_t)length >= size) {
		errno = ERANGE;
		return -1;
	}
	return length;
}

int greet_format(char *buffer, size_t size, const char *language, const char *name)
{
	char line[LINE];
	FILE *greetings = open_greetings();

	if (!greetings)
		return -1;
	while (fgets(line, sizeof(line), greetings)) {
		char *text = strchr(line, '\t');

		if (!text)
			continue;
		*text++ = '\0';
		text[strcspn(text, "\n")] = '\0';
		if (strcmp(line, language) == 0) {
			fclose(greetings);
			return fill(buffer, size, text, name);
		}
	}
	fclose(greetings);
	errno = EINVAL;
	return -1;
}

int greet_languages(void)
{
	char line[LINE];
	int count = 0;
	FILE *greetings = open_greetings();

	if (!greetings)
		return -1;
	while (fgets(line, sizeof(line), greetings))
		count += strchr(line, '\t') != NULL;
	fclose(greetings);
	return count;
}
