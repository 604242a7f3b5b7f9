# SPDX-License-Identifier: Apache-2.0
"""A lint: nothing in the manifest or a recipe may assume a particular version of a distro."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from xsbuild import plainfile
from xsbuild.capabilities.lockfile import Lock, load_lock
from xsbuild.capabilities.versions import has_version
from xsbuild.checks.manifest import Finding
from xsbuild.distros.model import Distro
from xsbuild.manifest.model import Component, Manifest, MetaPackage
from xsbuild.manifest.requirement import PACKAGE
from xsbuild.project import Project

ASSUMES = "assumes a version"

# What is said to people, where upstream is, and decisions by distro, which state their reason.
_PROSE = {
    "changelog", "compatible", "copyright", "description", "homepage", "on", "patches", "sources",
    "summary", "todo", "version",
}  # fmt: skip
# Kinds whose names are paths or programs; an interface's name may well have a number of its own.
_PLACES = ("bin", "file", "header", "unit", PACKAGE)
_ASKS_WHICH_DISTRO = re.compile(
    r"%\{[?!]*(?:rhel|centos|fedora|suse_version|sle_version|el\d+|fc\d+)\b"
    r"|\bdistro\.(?:name|aliases|title|version_suffix)\s*(?:[!=]=|in\b)"
)
_VERSION_IN_NAME = re.compile(r"(?<![\w./-])[a-z][a-z0-9+]*(?:-[a-z0-9+]+)*?-?\d+\.\d+[a-z0-9.-]*")
_COMMENT = re.compile(r"\{#.*?#\}|^\s*#.*$", re.MULTILINE | re.DOTALL)


def check_assumptions(project: Project) -> Iterator[Finding]:
    """List assumptions in a project's manifest and recipes.

    Raises:
        ProblemsError: a distro's file or a lock is wrong.
    """
    words = version_words(project.distros.all())
    locks = [load_lock(file) for file in sorted(project.locks.glob("*.yaml"))]
    yield from check_manifest_assumptions(project.manifest, words, locks)
    folders = [project.root / name for name in ("debian", "specs", "systems")]
    yield from check_recipe_assumptions(folders, words)


def version_words(distros: Iterable[Distro]) -> re.Pattern[str]:
    """Match the words that mean one version of a distro: ``debian-13``, ``trixie``, ``deb13``."""
    words: set[str] = set()
    for distro in distros:
        if any(map(str.isdigit, distro.name)):
            # `Debian 14 (forky, testing)`: the second one will be another release's
            codename = re.split(r"[,)]", distro.title.partition("(")[2])[0]
            words |= {alias for alias in distro.aliases if alias == codename}
            words |= {distro.name, distro.version_suffix.lstrip("~.+")}
    alternatives = "|".join(map(re.escape, sorted(words)))
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])")


def check_manifest_assumptions(
    manifest: Manifest, words: re.Pattern[str], locks: Iterable[Lock]
) -> Iterator[Finding]:
    """List values of the manifest, except prose, that hold for one version of a distro only.

    Args:
        words: of `version_words`.
        locks: tell the version that a package had whose name may have it too.
    """
    parts: dict[str, Component | MetaPackage] = {**manifest.components, **manifest.meta_packages}
    named = _named_versions(locks)
    for name, part in parts.items():
        data = part.model_dump(mode="json", by_alias=True, exclude={"sources"})
        for place, text in _texts(data, ""):
            match = words.search(text)
            if match:
                yield Finding(name, ASSUMES, f"{place}: {match[0]} is one version of a distro")
            for shown, why in named.items():
                if shown in text:
                    yield Finding(name, ASSUMES, f"{place}: {why}")


def _named_versions(locks: Iterable[Lock]) -> Mapping[str, str]:
    """Return capability as written in the manifest → the problem of its name."""
    found: dict[str, str] = {}
    for lock in locks:
        for capability, locked in lock.capabilities.items():
            name = locked.package if capability.kind == PACKAGE else capability.name
            if capability.kind in _PLACES and has_version(name, locked.version):
                found[str(capability)] = f"{name} has the version of {lock.distro}'s in its name"
    return found


def _texts(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in _PROSE:
                yield from _texts(inner, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{place}[{index}]")


def check_recipe_assumptions(folders: Iterable[Path], words: re.Pattern[str]) -> Iterator[Finding]:
    """List lines of templates that hold for one version of a distro only.

    Args:
        folders: of recipes, ``debian/`` and ``specs/``.
        words: of `version_words`.
    """
    for folder in folders:
        for file in sorted(folder.rglob("*.j2")):
            text = plainfile.read_text(file, within=folder.parent)
            blank = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
            for number, line in enumerate(blank.splitlines(), 1):
                for wrong in _wrong_in(line, words):
                    yield Finding(file.stem, ASSUMES, f"{file}:{number}: {wrong}")


def _wrong_in(line: str, words: re.Pattern[str]) -> Iterator[str]:
    for pattern, what in (
        (words, "is one version of a distro; what differs belongs in the distro's file"),
        (_ASKS_WHICH_DISTRO, "asks which distro it is; ask for what differs"),
        (_VERSION_IN_NAME, "has a version in its name"),
    ):
        match = pattern.search(line)
        if match:
            yield f"{match[0].strip()} {what}"
