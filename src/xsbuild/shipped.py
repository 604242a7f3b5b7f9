# SPDX-License-Identifier: Apache-2.0
"""Files that come with xsbuild: distro definitions, base templates, build systems, pipelines."""

from functools import cache
from pathlib import Path


@cache
def shipped(path: str) -> Path:
    """Find a file or folder that comes with xsbuild, installed or in the checkout."""
    installed = Path(__file__).parent / "_shipped" / path
    return installed if installed.exists() else Path(__file__).parents[2] / path
