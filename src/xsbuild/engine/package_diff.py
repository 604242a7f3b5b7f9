# SPDX-License-Identifier: Apache-2.0
"""Describe the first difference between two builds of a package."""

import stat
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from xsbuild.host import process

_SHOWN_LINES = 40
_SHOWN_BYTES = 16
_SHOWN_TEXT = 120
_HEADER = "header.xml"
_ABOUT = ("DEBIAN", _HEADER)


def package_differences(first: Sequence[Path], second: Sequence[Path], scratch: Path) -> list[str]:
    """List the differences between the packages of two builds of one component.

    Args:
        first: the packages that the first build made: ``.deb`` or ``.rpm``.
        second: those of the second.
        scratch: an existing empty directory.
    """
    one, other = ({path.name: path for path in paths} for paths in (first, second))
    alone = [f"only one build makes {name}" for name in sorted({*one} ^ {*other})]
    changed = [
        f"{name}: {_first_difference(one[name], other[name], scratch / name)}"
        for name in sorted({*one} & {*other})
        if one[name].read_bytes() != other[name].read_bytes()
    ]
    return alone + changed


def _first_difference(one: Path, other: Path, scratch: Path) -> str:
    if process.is_program("diffoscope"):
        # Exit status 1: they differ (diffoscope(1)).
        output = process.run(["diffoscope", "--text", "-", one, other], ok=(0, 1)).output
        return "\n".join(["", *output.splitlines()[:_SHOWN_LINES]])
    trees = [scratch / name for name in ("first", "second")]
    for package, tree in zip((one, other), trees, strict=True):
        tree.mkdir(parents=True)
        _unpack(package, tree)
    inside = next(_between_trees(*trees), None)
    if inside:
        return inside
    packed = _between_bytes(one.read_bytes(), other.read_bytes())
    return f"the same files, packed otherwise: {packed}"


def _unpack(package: Path, tree: Path) -> None:
    if package.suffix == ".deb":
        process.run(["dpkg-deb", "--raw-extract", package, tree])
        return
    query = ("--query", "--package", "--xml")
    (tree / _HEADER).write_text(process.run(["rpm", *query, package]).output)
    link = tree.with_suffix(".rpm")
    link.symlink_to(package)
    process.run(["rpm2archive", link])
    process.run(["tar", "--extract", "--gzip", f"--file={link}.tgz", f"--directory={tree}"])


def _between_trees(first: Path, second: Path) -> Iterator[str]:
    """Yield the differences between two trees, consequences of others last."""
    one, other = (
        {path.relative_to(top): path for path in top.rglob("*")} for top in (first, second)
    )
    for name in sorted({*one} ^ {*other}):
        yield f"only one has {name}"
    both = sorted({*one} & {*other}, key=lambda name: (name.parts[0] in _ABOUT, name))
    for compare in (_between_contents, _between_facts):
        for name in both:
            difference = compare(one[name], other[name])
            if difference:
                yield f"{name}: {difference}"


def _between_contents(one: Path, other: Path) -> str | None:
    if one.is_symlink() and other.is_symlink():
        targets = (one.readlink(), other.readlink())
        return None if targets[0] == targets[1] else f"it points to {targets[0]} or {targets[1]}"
    if one.is_file() and other.is_file():
        contents = one.read_bytes(), other.read_bytes()
        return None if contents[0] == contents[1] else _between_bytes(*contents)
    return None


def _between_facts(one: Path, other: Path) -> str | None:
    before, after = (
        {"mode": stat.filemode(status.st_mode), "time of change": int(status.st_mtime)}
        for status in (one.lstat(), other.lstat())
    )
    changed = [
        f"{name} {before[name]} or {after[name]}" for name in before if before[name] != after[name]
    ]
    return ", ".join(changed) or None


def _between_bytes(one: bytes, other: bytes) -> str:
    try:
        texts = [content.decode() for content in (one, other)]
    except UnicodeDecodeError:
        texts = ["\0"]
    if not any("\0" in text for text in texts):
        pairs = enumerate(zip_longest(*(text.split("\n") for text in texts), fillvalue=""), 1)
        number, lines = next((n, pair) for n, pair in pairs if pair[0] != pair[1])
        return f"line {number}: {' or '.join(repr(line[:_SHOWN_TEXT]) for line in lines)}"
    shorter = min(len(one), len(other))
    place = next((n for n in range(shorter) if one[n] != other[n]), shorter)
    shown = (content[place : place + _SHOWN_BYTES].hex(" ") for content in (one, other))
    return f"byte {place}: {' or '.join(shown)}"
