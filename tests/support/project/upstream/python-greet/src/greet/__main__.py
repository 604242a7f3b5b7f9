# SPDX-License-Identifier: MIT
from greet.cli import main

main()
