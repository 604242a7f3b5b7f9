# SPDX-License-Identifier: Apache-2.0
"""Read rendered recipes, a debian directory or a spec file, for a comparison without building."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from debian.deb822 import Deb822

from xsbuild.buildroots.rpmbase import build_macros
from xsbuild.distros.model import Distro
from xsbuild.host.confined import run_confined
from xsbuild.parity.compare import Contents, Entry
from xsbuild.parity.packages import lines_of, preset_units
from xsbuild.parity.places import RPM_MACROS, Places
from xsbuild.parity.relations import RELATIONS_QUERY, Read, deb_relations, rpm_relations
from xsbuild.recipes.tree import FileTree

_TEMPORARY = "debian/tmp/"
# What stands in a list for what only the build knows.
_KNOWN = {
    "${DEB_HOST_MULTIARCH}": "x86_64-linux-gnu",
    "${Space}": " ",
    "/python3*/": "/python3/",
}
_VERSION = re.compile(r"\$\{(?:binary|source):Version\}")
_SUBSTVAR = re.compile(r"\$\{\w+:\w+\}")
_HANDLES = re.compile(
    r"^\s*dh_installsystemd -p(?P<package>\S+)(?P<options>(?: --\S+)*) (?P<units>.+)$", re.MULTILINE
)
_SECTION = re.compile(r"^%(?P<name>[a-z]+)(?P<words>(?:\s.*)?)$")
# https://rpm-software-management.github.io/rpm/manual/spec.html
_SECTIONS = frozenset(
    (
        "package", "description", "prep", "generate_buildrequires", "conf", "build", "install",
        "check", "clean", "pre", "post", "preun", "postun", "pretrans", "posttrans",
        "transfiletriggerin", "transfiletriggerpostun", "files", "changelog",
    )
)  # fmt: skip
# %files lines that are no files of the package, or documents
_LEFT_OUT = re.compile(r"^%(?:doc|license|exclude|defattr)\b")
_DIRECTIVE = re.compile(r"^%(?P<name>\w+)(?:\([^)]*\))?\s*")
_MACROS = {**RPM_MACROS, "pycached()": "%1"}


def read_debian(tree: FileTree, version: str, places: Places) -> dict[str, Read]:
    """Read a rendered debian directory.

    Args:
        tree: its files.
        version: of the packages.
        places: of the distro.

    Returns:
        Package → what its lists and relations say.
    """
    units = list(_debhelper_units(_text(tree, "rules")))
    _source, *binaries = Deb822.iter_paragraphs(_text(tree, "control"), use_apt_pkg=False)
    read = {}
    for binary in binaries:
        name = binary["Package"]
        contents = Contents(
            entries=dict(_debhelper_entries(name, tree, places)),
            users=frozenset(lines_of(_bytes(tree, f"{name}.sysusers"))),
            units={unit: state for owner, unit, state in units if owner == name},
        )
        fields = {key: _filled(text, version) for key, text in binary.items()}
        read[name] = Read(contents, deb_relations(fields))
    return read


def _bytes(tree: FileTree, name: str) -> bytes:
    file = tree.get(PurePosixPath(name))
    return file.content if file else b""


def _text(tree: FileTree, name: str) -> str:
    return _bytes(tree, name).decode()


def _filled(text: str, version: str) -> str:
    """Return a field with versions filled in, and without substitutions of the build."""
    text = _SUBSTVAR.sub("", _VERSION.sub(version, text))
    return ", ".join(part for part in map(str.strip, text.split(",")) if part)


def _debhelper_entries(name: str, tree: FileTree, places: Places) -> Iterator[tuple[str, Entry]]:
    def paths(kind: str) -> Iterator[str]:
        for line in _text(tree, f"{name}.{kind}").splitlines():
            path = line.split()[-1].removeprefix(_TEMPORARY)
            for unknown, known in _KNOWN.items():
                path = path.replace(unknown, known)
            yield f"/{path.strip('/')}"

    marked = set(paths("conffiles"))
    for path in paths("install"):
        # debhelper marks what is in /etc: dh_installdeb(1)
        config = path.startswith("/etc/") or path in marked
        yield places.of(path), Entry(config=config)
    for path in paths("dirs"):
        yield places.of(path), Entry("directory")
    for path in paths("links"):
        yield places.of(path), Entry()
    if _text(tree, f"{name}.sysusers"):
        yield f"{{sysusersdir}}/{name}.conf", Entry()


def _debhelper_units(rules: str) -> Iterator[tuple[str, str, str]]:
    for match in _HANDLES.finditer(rules):
        state = "disabled" if "--no-enable" in match["options"] else "enabled"
        for unit in match["units"].split():
            if "@." not in unit:
                yield match["package"], unit, state


def read_spec_file(tree: FileTree, distro: Distro, places: Places) -> dict[str, Read]:
    """Read a rendered spec file, with the host's rpmspec.

    Args:
        tree: it, and what is beside it.
        distro: whose macros it is read with.
        places: of the distro.

    Returns:
        Package → what its lists and relations say.

    Raises:
        MissingToolError: there is no rpmspec.
        CommandFailedError: it is no spec file.
    """
    with TemporaryDirectory(prefix="xsbuild-") as folder:
        for path, file in tree.items():
            Path(folder, path.name).write_bytes(file.content)
        (spec,) = Path(folder).glob("*.spec")
        macros = {**_MACROS, **build_macros(distro), "_sourcedir": folder}
        words = ["rpmspec", *(f"--define={name} {value}" for name, value in macros.items())]
        form = rf"--queryformat=PACKAGE\t%{{NAME}}\n{RELATIONS_QUERY}"
        here = Path(folder)
        queried = run_confined([*words, "--query", form, spec], folder=here).output.splitlines()
        parsed = run_confined([*words, "--parse", spec], folder=here).output.splitlines()
    lists = _file_lists(parsed, spec.stem)
    read = {}
    for name, lines in _by_package(queried).items():
        if name not in lists:  # rpm makes no package without %files
            continue
        presets = preset_units(_bytes(tree, f"{name}.preset"))
        contents = Contents(
            entries=dict(_listed(lists[name], places)),
            users=frozenset(lines_of(_bytes(tree, f"{name}.sysusers"))),
            units={unit: state for unit, state in presets.items() if "@." not in unit},
        )
        read[name] = Read(contents, rpm_relations(lines))
    return read


def _by_package(lines: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    package: list[str] = []
    for line in lines:
        kind, _, name = line.partition("\t")
        if kind == "PACKAGE":
            package = found.setdefault(name, [])
        package.append(line)
    return found


def _file_lists(lines: Iterable[str], source: str) -> dict[str, list[str]]:
    """Return package → the lines of its %files."""
    lists: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in lines:
        section = _SECTION.match(line)
        if section and section["name"] in _SECTIONS:
            words = section["words"].split()
            current = None
            if section["name"] == "files":
                current = lists.setdefault(_package(words, source), [])
        elif current is not None:
            current.append(line.strip())
    return lists


def _package(words: Sequence[str], source: str) -> str:
    if "-n" in words:
        return words[words.index("-n") + 1]
    plain = [
        word
        for index, word in enumerate(words)
        if not word.startswith("-") and words[index - 1] != "-f"
    ]
    return f"{source}-{plain[0]}" if plain else source


def _listed(lines: Iterable[str], places: Places) -> Iterator[tuple[str, Entry]]:
    for line in lines:
        directives, path = set[str](), line
        if _LEFT_OUT.match(line):
            continue
        while match := _DIRECTIVE.match(path):
            directives.add(match["name"])
            path = path[match.end() :]
        if path.startswith("/"):
            kind = "directory" if "dir" in directives else None
            # what is below a directory that is owned is listed by itself
            filled = kind == "directory" and any(path in other for other in lines if other != line)
            yield places.of(path), Entry(kind, config="config" in directives, filled=filled)
