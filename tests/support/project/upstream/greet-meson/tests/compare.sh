#!/bin/sh
# SPDX-License-Identifier: MIT
# compare.sh PROGRAM INPUT EXPECTED
"$1" < "$2" | diff -u "$3" -
