/* SPDX-License-Identifier: ISC */
#define BELLS "ding dong"
