# SPDX-License-Identifier: Apache-2.0
"""Files shipped with xsbuild: distro definitions, base templates, build systems, pipelines."""

from functools import cache
from pathlib import Path


@cache
def shipped(path: str) -> Path:
    """Find a file or folder shipped with xsbuild, installed or in the checkout."""
    installed = Path(__file__).parent / "_shipped" / path
    return installed if installed.exists() else Path(__file__).parents[2] / path
