# SPDX-License-Identifier: Apache-2.0
"""Makes an RPM of a Debian package."""

import os
import posixpath
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from debian.deb822 import Deb822, PkgRelation

from xsbuild.host import process

from .handmade import DIRECTORIES, LIBDIR, MULTIARCH
from .payload import Payload
from .recipe import Recipe

_TOP = re.compile(r"^/(bin|sbin|lib|lib64|lib32|libx32)(?=/|$)")
_LIBRARY = re.compile(r"\.so(\.[0-9.]+)?$")
_PYTHON = re.compile(r"/dist-packages/(?P<name>[\w.]+)-(?P<version>[\w.]+)\.(dist|egg)-info$")
_OPERATORS = {"<<": "<", "<=": "<=", "=": "=", ">=": ">=", ">>": ">"}


def convert(deb: Path, recipe: Recipe, folder: Path) -> Path:
    """Makes an RPM of a Debian package in a folder and returns its place."""
    control = Deb822(process.run(["dpkg-deb", "--field", deb]).output)
    change = recipe.change(control["Package"])
    version, release = _split(control["Version"])
    with TemporaryDirectory(dir=folder, prefix=".work-") as work:
        payload = Payload(
            name=change.name or control["Package"],
            version=version,
            release=release,
            work=Path(work),
            noarch=control["Architecture"] == "all",
            provides=[*change.provides, *_provides(control, change.name)],
            requires=["filesystem", *change.requires, *_requires(control, recipe)],
        )
        process.run(["dpkg-deb", "--extract", deb, payload.work / "deb"])
        for path in _walk(payload.work / "deb"):
            if not recipe.omitted(path):
                _move(path, payload)
        for path, target in change.links.items():
            payload.add_link(path, _newest(payload, path, target))
        for path, text in change.files.items():
            payload.add_file(path, text + "\n", 0o755 if text.startswith("#!") else 0o644)
        for path in change.directories:
            pattern, name = posixpath.split(path)
            for parent in list(payload.root.glob(pattern[1:])):
                payload.add_directory(f"/{parent.relative_to(payload.root)}/{name}")
        if payload.name == "rpm-libs":
            _move_database(payload)
        return payload.build(folder)


def _walk(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        for name in sorted(folders) + sorted(files):
            yield os.path.join(folder, name)[len(str(root)) :]  # noqa: PTH118


def normal(path: str) -> str:
    """A path of a Debian package where an RPM distro has it: merged /usr, lib64."""
    path = _TOP.sub(r"/usr/\1", path)
    if path == MULTIARCH or path.startswith(MULTIARCH + "/"):
        return LIBDIR + path[len(MULTIARCH) :]
    return path


def _move(path: str, payload: Payload) -> None:
    if distribution := _PYTHON.search(path):
        name = distribution["name"].lower().replace("_", "-")
        payload.provides.append(f"python3dist({name}) = {distribution['version']}")
    source = payload.work / "deb" / path[1:]
    place = normal(path)
    target = payload.root / place[1:]
    found = source.lstat()
    if stat.S_ISDIR(found.st_mode):
        if place not in DIRECTORIES:
            payload.add_directory(place, stat.S_IMODE(found.st_mode) & 0o1777)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISLNK(found.st_mode):
        _move_link(path, str(source.readlink()), payload)
        return
    source.replace(target)
    mode = found.st_mode
    # rpm's generator looks only at executable files; Debian's libraries are 0644
    if _LIBRARY.search(place) and target.read_bytes()[:4] == b"\x7fELF":
        mode |= 0o111
    payload.list_file(place, mode)
    if path.startswith(("/bin/", "/sbin/")):
        payload.provides.append(path)


def _move_link(path: str, target: str, payload: Payload) -> None:
    place = normal(path)
    absolute = normal(posixpath.normpath(posixpath.join(posixpath.dirname(path), target)))
    # /lib/x and /usr/lib/x become one: a file stays, a link to itself goes
    if absolute != place and not os.path.lexists(payload.root / place[1:]):
        payload.add_link(place, posixpath.relpath(absolute, posixpath.dirname(place)))


def _newest(payload: Payload, path: str, target: str) -> str:
    found = sorted(p.name for p in (payload.root / path[1:]).parent.glob(target))
    return found[-1] if found else target


def _move_database(payload: Payload) -> None:
    # Debian's rpm keeps its database in the user's home
    macros = payload.root / "usr/lib/rpm/macros"
    text = re.sub(r"(?m)^%_dbpath\b.*", "%_dbpath\t\t%{_var}/lib/rpm", macros.read_text())
    macros.write_text(text)


def _split(version: str) -> tuple[str, str]:
    # no epochs: `gcc < 13` must mean what it does on an RPM distro
    upstream, dash, revision = version.rpartition(":")[2].rpartition("-")
    if not dash:
        upstream, revision = revision, "0"
    return upstream.replace("-", "."), revision.replace("-", ".")


def _bound(relation: "PkgRelation.ParsedRelation") -> str:
    if relation["version"] is None:
        return ""
    operator, version = relation["version"]
    upstream, release = _split(version)
    if "-" not in version:
        # for rpm 2.36-9 is not > 2.36
        return f" {'>=' if operator == '>>' else _OPERATORS[operator]} {upstream}"
    return f" {_OPERATORS[operator]} {upstream}-{release}"


def _requires(control: Deb822, recipe: Recipe) -> Iterator[str]:
    text = ", ".join(filter(None, (control.get("Pre-Depends"), control.get("Depends"))))
    for alternatives in PkgRelation.parse_relations(text) if text else []:
        if not any(one["name"] in recipe.absent for one in alternatives):
            spelled = [one["name"] + _bound(one) for one in alternatives]
            yield spelled[0] if len(spelled) == 1 else f"({' or '.join(spelled)})"


def _provides(control: Deb822, renamed: str) -> Iterator[str]:
    if renamed:
        yield f"{control['Package']} = {'-'.join(_split(control['Version']))}"
    if control.get("Provides"):
        for one, *_ in PkgRelation.parse_relations(control["Provides"]):
            yield one["name"] + _bound(one)
