/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <greet/greet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
	char language[16];
	char name[64];
	unsigned interval;
};

static volatile sig_atomic_t ended;

static void end(int number)
{
	(void)number;
	ended = 1;
}

static int set(struct settings *settings, const char *key, const char *value)
{
	if (strcmp(key, "language") == 0)
		snprintf(settings->language, sizeof(settings->language), "%s", value);
	else if (strcmp(key, "name") == 0)
		snprintf(settings->name, sizeof(settings->name), "%s", value);
	else if (strcmp(key, "interval") == 0)
		settings->interval = (unsigned)strtoul(value, NULL, 10);
	else
		return -1;
	return 0;
}

static int read_settings(struct settings *settings, const char *file)
{
	char line[256];
	int number = 0;
	FILE *stream = fopen(file, "r");

	if (!stream) {
		fprintf(stderr, "salutd: %s: %s\n", file, strerror(errno));
		return -1;
	}
	while (fgets(line, sizeof(line), stream)) {
		char *value;

		number++;
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		value = strchr(line, '=');
		if (value)
			*value++ = '\0';
		if (!value || set(settings, line, value) < 0) {
			fprintf(stderr, "salutd: %s:%d: not understood\n", file, number);
			fclose(stream);
			return -1;
		}
	}
	fclose(stream);
	return 0;
}

static int greet_once(const struct settings *settings, FILE *out)
{
	char text[256];

	if (greet_format(text, sizeof(text), settings->language, settings->name) < 0) {
		fprintf(stderr, "salutd: no greeting in %s: %s\n", settings->language, strerror(errno));
		return -1;
	}
	fprintf(out, "%s\n", text);
	fflush(out);
	return 0;
}

static int usage(FILE *out, int status)
{
	fprintf(out, "usage: salutd [--once] [--config FILE] [--log FILE]\n");
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"once", no_argument, NULL, 'o'},	 {"config", required_argument, NULL, 'c'},
		{"log", required_argument, NULL, 'l'},	 {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct sigaction action = {.sa_handler = end};
	struct settings settings = {.language = "en", .name = "world", .interval = 60};
	const char *config = CONFIG;
	FILE *out = stdout;
	int once = 0, option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'o')
			once = 1;
		else if (option == 'c')
			config = optarg;
		else if (option == 'l')
			out = fopen(optarg, "a");
		else
			return usage(option == 'h' ? stdout : stderr, option == 'h' ? 0 : 2);
	}
	if (!out) {
		fprintf(stderr, "salutd: the log cannot be written: %s\n", strerror(errno));
		return 1;
	}
	if (read_settings(&settings, config) < 0)
		return 1;
	/* No SA_RESTART: the signal ends the sleep. */
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	do {
		if (greet_once(&settings, out) < 0)
			return 1;
		if (!once)
			sleep(settings.interval);
	} while (!once && !ended);
	return 0;
}
