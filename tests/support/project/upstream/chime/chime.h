/* SPDX-License-Identifier: MIT */
#ifndef CHIME_H
#define CHIME_H
const char *chime_ring(void);
#endif
