#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

set -e
test "$1" = -m
shift
cat "$@" > .config
