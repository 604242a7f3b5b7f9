# SPDX-License-Identifier: Apache-2.0
"""Overrides of lintian and rpmlint, from those of the manifest."""

import re
import textwrap
from collections.abc import Iterator, Mapping

from xsbuild.manifest.model import Component
from xsbuild.manifest.package import Package

# Columns of a comment, as those of the templates.
_WIDTH = 98
_OPT = "dir-or-file-in-opt"
_WHY_OPT = "The product's programs know each other by these paths, on every distro."


def lintian_overrides(name: str, package: Package) -> Iterator[str]:
    """Yield the lines of a package's ``debian/NAME.lintian-overrides`` (lintian(1))."""
    for finding, reason in _overrides(package, package.lint.lintian, f"{_OPT} *").items():
        yield from _comment(reason)
        yield f"{name}: {finding}"


def source_overrides(source: str, component: Component) -> Iterator[str]:
    """Yield the lines of a component's ``debian/source/lintian-overrides``."""
    for finding, reason in component.lint.lintian.items():
        yield from _comment(reason)
        yield f"{source} source: {finding}"


def rpmlintrc(source: str, component: Component) -> str:
    """Return the text of a component's ``NAME-rpmlintrc``; empty if nothing is overridden.

    rpmlint 2 reads the calls of addFilter in it by a regular expression, rpmlint 1 runs it: raw
    strings are the same to both.
    """
    lines = [*_filters(rf"{_pattern(source)}\.(src|spec):(\d+:)?", component.lint.rpmlint)]
    for name, package in component.packages.items():
        overrides = _overrides(package, package.lint.rpmlint, _OPT)
        lines += _filters(rf"{_pattern(name)}\.(?!src|spec)\S+", overrides)
    return "".join(f"{line}\n" for line in lines)


def _filters(start: str, overrides: Mapping[str, str]) -> Iterator[str]:
    for finding, reason in overrides.items():
        yield from _comment(reason)
        tag, _, context = finding.partition(" ")
        # rpmlint prints a score between the two where a distro has given the tag one
        end = f".* {_pattern(context)}$" if context else "( |$)"
        yield f'addFilter(r"^{start} [EWI]: {_pattern(tag)}{end}")'


def _pattern(text: str) -> str:
    return re.escape(text).replace(r"\*", ".*").replace(r"\ ", " ").replace('"', r"\"")


def _overrides(package: Package, overrides: Mapping[str, str], in_opt: str) -> dict[str, str]:
    implied = {in_opt: _WHY_OPT} if any(map(_is_in_opt, _paths(package))) else {}
    return {**implied, **overrides}


def _is_in_opt(path: str) -> bool:
    return path.startswith("/opt/")


def _paths(package: Package) -> list[str]:
    installed = [item.to for item in package.install]
    made = [item.path for item in package.directories]
    return [*package.files, *package.config, *made, *package.links, *installed]


def _comment(reason: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(reason, _WIDTH, break_on_hyphens=False)]
