# SPDX-License-Identifier: MIT
"""The pygreet command."""

import argparse
import sys

from greet import greet


def main(arguments=None):
    """Prints a greeting."""
    parser = argparse.ArgumentParser(prog="pygreet", description="Greets someone.")
    parser.add_argument("name")
    parser.add_argument("--language", default="en")
    options = parser.parse_args(arguments)
    try:
        print(greet(options.name, options.language))
    except KeyError:
        sys.exit(f"pygreet: no greeting in {options.language}")
