# SPDX-License-Identifier: Apache-2.0
"""Why a build failed: the likely cause, the lines that matter and what to do, read off its log."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xsbuild.buildroots.progress import BUILD, DEPENDENCIES, PACKAGE, TEST, UNPACK

_LINES = 12


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure explained.

    Attributes:
        cause: what went wrong, without a full stop.
        lines: the lines of the log that say so.
        hint: what to do; None where nothing useful is known.
    """

    cause: str
    lines: tuple[str, ...] = ()
    hint: str | None = None

    def __str__(self) -> str:
        return "\n".join([self.cause, *(f"  {line}" for line in self.lines)])


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern of a line; `{}` in the cause is its first group, of all lines that match.

    Attributes:
        steps: only in these steps; in any where empty.
        before: whether what was printed before says more than the line itself.
    """

    pattern: str
    cause: str
    hint: str | None = None
    steps: Sequence[str] = ()
    before: bool = False


_COMPILING = (BUILD, TEST, PACKAGE)

# The first that matches is the cause: those that make others appear come first.
_RULES = (
    _Rule(
        "No space left on device",
        "the disk is full",
        "make room where the cache is: `xsbuild clean`",
    ),
    _Rule(
        r"^mount: .*(?:wrong fs type|special device overlay does not exist).*",
        "its file system cannot hold an overlay mount",
        "keep the cache on ext4, xfs, btrfs or tmpfs: XSBUILD_CACHE moves it",
    ),
    _Rule(
        r"(?:Depends|Conflicts): (.+?) but it is not (?:installable|going to be installed)",
        "build dependencies cannot be installed: {}",
        "is it in the distro, or built by a component that this one does not name?",
        (DEPENDENCIES,),
    ),
    _Rule(
        r"(?:Depends|Conflicts): (.+? but \S+ is to be installed)",
        "build dependencies cannot be installed: {}",
        "the distro has another version than the component asks for",
        (DEPENDENCIES,),
    ),
    _Rule(
        r"E: Unable to locate package (\S+)",
        "build dependencies do not exist: {}",
        "`xsbuild resolve` shows what the distro has",
        (DEPENDENCIES,),
    ),
    _Rule(
        r"E: (Failed to fetch .*|.*The repository .*|.*GPG error.*)",
        "the archive cannot be read: {}",
        "is the network there? a base older than the archive is refreshed by the next build",
        (DEPENDENCIES,),
    ),
    _Rule(
        r"(?:^No match for argument: |^\s*No matching package to install: ')(.+?)'?$",
        "build dependencies do not exist: {}",
        "`xsbuild resolve` shows what the distro has",
        (DEPENDENCIES,),
    ),
    _Rule(
        r"- ((?:nothing provides|cannot install|package \S+ requires) .+)",
        "build dependencies cannot be installed: {}",
        "is it in the distro, or built by a component that this one does not name?",
        (DEPENDENCIES,),
    ),
    _Rule(
        r"^Error: (GPG check FAILED|Failed to download metadata .*|Cannot download .*)",
        "the repository cannot be read: {}",
        "is the network there, and is it signed with the keys that the distro's file names?",
        (DEPENDENCIES,),
    ),
    _Rule(
        r"^(?:error|Error): (.*(?:[Rr]pmdb|Packages database|database disk image).*)",
        "the buildroot's rpm database cannot be used: {}",
        "`xsbuild clean` removes the base chroot, and the next build makes it again",
    ),
    _Rule(
        r"^error: ((?:line \d+|\S+\.spec): .*)", "the spec file is wrong: {}", steps=(UNPACK,)
    ),
    _Rule(
        r"^(?:\d+ out of \d+ hunks? FAILED.*|dpkg-source: (?:error|info): .*patch .*fail.*)",
        "a patch does not apply",
        "refresh the patch against this version, or drop it where upstream has it",
    ),
    _Rule(
        r"^dpkg-source: error: (.*)",
        "the source package cannot be unpacked: {}",
        None,
        (UNPACK,),
    ),
    _Rule(
        r"(?:Could not resolve host|Temporary failure in name resolution|Network is unreachable"
        r"|Name or service not known|Failed to establish a new connection)",
        "it wants the network, which a build does not have",
        "name what it downloads as a source or as a build dependency",
        _COMPILING,
    ),
    _Rule(
        r"^dh_install: (?:warning|error): .*missing files.*|Cannot find \(any matches for\) (\S+)",
        "packages name files that the build did not make: {}",
        "correct `files` of the package in the manifest",
        _COMPILING,
    ),
    _Rule(
        r"^dh_missing: (?:warning|error): (\S+) exists in .* but is not installed",
        "no package takes these files: {}",
        "name them in `files` of a package in the manifest",
        _COMPILING,
    ),
    _Rule(
        r"^error: (?:File|Directory) not found: \S*/BUILDROOT(?:/\S+?\.(?:x86_64|aarch64))?(/\S+)",
        "packages name files that the build did not make: {}",
        "correct `files` of the package in the manifest",
        (PACKAGE,),
    ),
    _Rule(r"^dh_auto_test: error: (.*)", "its tests fail", before=True),
    _Rule(
        r"fatal error: (\S+): No such file or directory",
        "a header is missing: {}",
        "add `header({})` to the build dependencies",
        _COMPILING,
    ),
    _Rule(
        r"^\S+?:\d+(?::\d+)?: (?:fatal )?error: (.*)|^.*: (undefined reference to .*)",
        "it does not compile: {}",
        None,
        _COMPILING,
    ),
    _Rule(
        r"(?:(\S+): (?:command )?not found|(\S+): No such file or directory)$",
        "a program or file is missing: {}",
        "add what has it to the build dependencies, as `bin(NAME)`",
        (BUILD, PACKAGE),
    ),
    _Rule(r"^(dh_\w+: error: .*)", "{}"),
    # What rpmbuild lists below "Installed (but unpackaged) file(s) found:"
    _Rule(
        r"^ {3}(/\S+)$",
        "no package takes these files: {}",
        "name them in `files` of a package in the manifest",
        (PACKAGE,),
    ),
    _Rule(r"^error: Bad exit status from .*\(%check\)", "its tests fail", before=True),
    _Rule(r"^error: Bad exit status from .*\(%prep\)", "%prep fails", before=True),
    _Rule(r"^error: Bad exit status from .*\(%build\)", "%build fails", before=True),
    _Rule(r"^error: Bad exit status from .*\(%install\)", "%install fails", before=True),
)  # fmt: skip

_NOISE = re.compile(
    r"^(?:I: |D: |W: |\s*$|E: (?:Failed autobuilding|pbuilder-satisfydepends)"
    r"|xsbuild: |Wrote: |Executing\(|\+ umask |RPM build errors:|error: Bad exit|    Bad exit)"
)


def explain(log: str, step: str) -> Failure:
    """Finds why a build failed.

    Args:
        log: what the build printed.
        step: the step that it was in.
    """
    lines = log.splitlines()
    for rule in _RULES:
        if rule.steps and step not in rule.steps:
            continue
        matches = [match for line in lines if (match := re.search(rule.pattern, line))]
        if matches and rule.before:
            end = lines.index(matches[0].string) + 1
            return Failure(rule.cause, tuple(_last(lines[:end])), rule.hint)
        if matches:
            return _failure(rule, matches)
    return Failure(f"the step `{step}` failed", tuple(_last(lines)))


def _failure(rule: _Rule, matches: Sequence[re.Match[str]]) -> Failure:
    found = [next((g for g in match.groups() if g), None) for match in matches]
    names = list(dict.fromkeys(name for name in found if name))
    what = ", ".join(names[:_LINES]) or matches[0].group(0).strip()
    hint = rule.hint.replace("{}", names[0]) if rule.hint and names else rule.hint
    lines = tuple(dict.fromkeys(match.string.strip() for match in matches))[:_LINES]
    return Failure(rule.cause.replace("{}", what), lines, hint)


def _last(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if not _NOISE.match(line)][-_LINES:]
