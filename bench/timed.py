# SPDX-License-Identifier: Apache-2.0
"""Runs the command in its arguments, and prints its seconds after what it prints."""

import subprocess
import sys
import time

started = time.monotonic()
status = subprocess.run(sys.argv[1:], check=False).returncode
sys.stdout.write(f"\n{time.monotonic() - started:.3f}\n")
sys.exit(status)
