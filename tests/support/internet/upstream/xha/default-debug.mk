# SPDX-License-Identifier: Apache-2.0
CFLAGS = -g -O2 -Wall
