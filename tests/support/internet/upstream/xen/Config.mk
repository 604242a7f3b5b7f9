# SPDX-License-Identifier: Apache-2.0

HOSTCC = gcc
CC = gcc
INSTALL = install
INSTALL_DIR = $(INSTALL) -d -m0755 -p
INSTALL_PROG = $(INSTALL) -m0755 -p

%.o: %.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
