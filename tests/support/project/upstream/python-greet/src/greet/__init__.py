# SPDX-License-Identifier: MIT
"""Greetings in many languages."""

import os
from pathlib import Path

FILE = Path("/usr/share/greet/greetings.tsv")


def greetings(file=None):
    """Reads the greetings: a dict of language to text with one %s.

    The file is the one given, the one that GREET_FILE names, or the system's.
    """
    source = Path(file or os.environ.get("GREET_FILE", FILE))
    rows = (line.split("\t") for line in source.read_text(encoding="utf-8").splitlines())
    return {row[0]: row[1] for row in rows if len(row) == 2}


def greet(name, language="en", file=None):
    """Greets someone; raises KeyError for a language that has no greeting."""
    return greetings(file)[language].replace("%s", name, 1)
