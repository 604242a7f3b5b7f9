# SPDX-License-Identifier: Apache-2.0
"""Gets the Debian packages of a recipe: apt chooses, downloads and verifies them."""

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from xsbuild.host import process

from .recipe import Recipe

_ABSENT = """\
Package: {name}
Status: install ok installed
Version: 999:999
Architecture: all
Maintainer: nobody <nobody@localhost>
Description: not needed in the test distribution

"""
# 'URI' FILENAME SIZE HASH, as `apt-get --print-uris` prints
_LINE = re.compile(r"'[^']+' (?P<name>[^_ ]+)_(?P<version>[^_ ]+)_(?P<arch>[^_ ]+)\.deb \d+ ")


def choose(recipe: Recipe, extras: Iterable[str], scratch: Path) -> dict[str, str]:
    """Has apt choose the packages, from the host's own lists.

    Args:
        recipe: what is wanted and what is not.
        extras: names of `recipe.extras`.
        scratch: an existing directory.

    Returns:
        File name → ``package=version``.
    """
    status = scratch / "status"
    wanted = recipe.wanted(extras)
    absent = [name for name in recipe.absent if name not in wanted]
    status.write_text("".join(_ABSENT.format(name=name) for name in absent))
    options = {
        "Dir::State::status": status,
        "Dir::Cache::archives": scratch,
        "Debug::NoLocking": "1",
        "APT::Install-Recommends": "0",
    }
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    (scratch / "partial").mkdir(exist_ok=True)
    printed = process.run(
        ["apt-get", "-qq", "--yes", "--print-uris", *words, "install", *wanted]
    ).output
    return {
        f"{line['name']}_{line['version']}_{line['arch']}.deb": _spelled(line)
        for line in map(_LINE.match, printed.splitlines())
        if line
    }


def _spelled(line: re.Match[str]) -> str:
    return f"{line['name']}={line['version'].replace('%3a', ':')}"


def download(packages: Collection[str], folder: Path) -> None:
    """Downloads packages that were chosen."""
    if packages:
        process.run(
            ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *sorted(packages)],
            cwd=folder,
        )
