# SPDX-License-Identifier: Apache-2.0
"""Packages of the miniature CentOS Stream that have names and files, and nothing that works."""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from pydantic import Field

from rpmdistro.payload import Payload
from xsbuild.strict import Strict
from xsbuild.yamlfile import load

HERE = Path(__file__).parent
_LIBDIR = "/usr/lib64"
_SITE = "/usr/lib/python3.11/site-packages"
_SHELL = "#!/bin/sh\n"


class Stub(Strict):
    """A package."""

    version: str = "1"
    files: tuple[str, ...] = ()
    programs: dict[str, str] = Field({}, description="its path → its text, for the shell")
    pc: dict[str, str] = Field({}, description="pkg-config's module → version")
    modules: tuple[str, ...] = Field((), description="of Python")
    ocamlfind: tuple[str, ...] = Field((), description="libraries of OCaml")
    units: dict[str, str] = Field({}, description="systemd unit → its text")


class Stubs(Strict):
    """el10.yaml."""

    packages: dict[str, Stub]


def make_stubs(folder: Path, vendored: Path) -> Iterator[Path]:
    """Makes the packages.

    Args:
        folder: where.
        vendored: the product's lock of OCaml libraries; the distro has all of them.
    """
    stubs = {**load(HERE / "el10.yaml", Stubs).packages, **dict(_libraries(vendored))}
    for name, stub in stubs.items():
        with TemporaryDirectory(dir=folder) as work:
            payload = Payload(
                name, stub.version, "1.el10", Path(work), noarch=True, requires=["filesystem"]
            )
            _fill(payload, stub)
            yield payload.build(folder)


def _libraries(vendored: Path) -> Iterator[tuple[str, Stub]]:
    """A package for each archive of OCaml libraries, of the first version in the lock."""
    seen: set[str] = set()
    for archive in yaml.safe_load(vendored.read_text(encoding="utf-8"))["archives"]:
        named = re.findall(r"ocamlfind\(([^)]+)\)", " ".join(archive["provides"]))
        found = tuple(name for name in named if name not in seen)
        seen.update(found)
        if found:
            version = archive["version"].replace("-", "~")
            yield f"ocaml-{archive['name']}-devel", Stub(version=version, ocamlfind=found)


def _fill(payload: Payload, stub: Stub) -> None:
    for path in stub.files:
        program = "/bin/" in path or "/sbin/" in path
        payload.add_file(path, f"{_SHELL}exit 0\n" if program else "", 0o755 if program else 0o644)
    for path, text in stub.programs.items():
        payload.add_file(path, f"{_SHELL}{text}", 0o755)
    for name, version in stub.pc.items():
        text = f"Name: {name}\nDescription: nothing\nVersion: {version}\n"
        payload.add_file(f"{_LIBDIR}/pkgconfig/{name}.pc", text)
    for name in stub.modules:
        payload.add_file(f"{_SITE}/{name}.py", "")
        payload.provides += [f"python3dist({name}) = 1", f"python3.11dist({name}) = 1"]
    for name in stub.ocamlfind:
        payload.add_file(f"{_LIBDIR}/ocaml/{name}/META", f'version = "{stub.version}"\n')
    for name, text in stub.units.items():
        payload.add_file(f"/usr/lib/systemd/system/{name}", text)
