#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
set -e
systemctl --version > /dev/null
python3 -c 'import bitarray, coverage, mock'
PYTHONPATH=libs python3 -c 'import sm.core.util'
