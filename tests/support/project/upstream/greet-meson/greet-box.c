/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#define LINES 100
#define WIDTH 200

static void rule(size_t width)
{
	putchar('+');
	for (size_t i = 0; i < width + 2; i++)
		putchar('-');
	puts("+");
}

/* Puts a box around the lines of standard input. */
int main(void)
{
	static char lines[LINES][WIDTH];
	size_t count = 0, width = 0;

	while (count < LINES && fgets(lines[count], WIDTH, stdin)) {
		size_t length = strcspn(lines[count], "\n");

		lines[count++][length] = '\0';
		if (length > width)
			width = length;
	}
	rule(width);
	for (size_t i = 0; i < count; i++)
		printf("| %-*s |\n", (int)width, lines[i]);
	rule(width);
	return 0;
}
