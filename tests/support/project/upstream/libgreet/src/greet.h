/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREET_GREET_H
#define GREET_GREET_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library, as "1.2.0". */
const char *greet_version(void);

/*
 * Writes a greeting of a person in a language ("en") to a buffer.
 * Returns the length of the greeting; -1 with errno where there are no greetings (ENOENT), none in
 * that language (EINVAL), or the buffer is too small (ERANGE).
 *
 * Greetings are read from the file that GREET_FILE in the environment names, else from the system's.
 */
int greet_format(char *buffer, size_t size, const char *language, const char *name);

/* How many languages there are; -1 with errno where there are no greetings. Since 1.2. */
int greet_languages(void);

#ifdef __cplusplus
}
#endif

#endif
