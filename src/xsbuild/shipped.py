# SPDX-License-Identifier: Apache-2.0
"""Files that come with xsbuild: distro definitions, base templates, build systems."""

from functools import cache
from pathlib import Path


@cache
def shipped(folder: str) -> Path:
    """A folder that comes with xsbuild: beside the code when installed, else of the checkout."""
    installed = Path(__file__).parent / "_shipped" / folder
    return installed if installed.is_dir() else Path(__file__).parents[2] / folder
