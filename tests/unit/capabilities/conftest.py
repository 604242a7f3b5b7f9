# SPDX-License-Identifier: Apache-2.0
"""Indexes made from samples of real archives, and from a few lines."""

import datetime
import gzip
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

from xsbuild.capabilities.debindex import read_contents, read_packages
from xsbuild.capabilities.index import Index, write_index
from xsbuild.capabilities.patterns import Patterns
from xsbuild.distros.load import find_distros
from xsbuild.distros.model import Distro, Family, IndexStamp
from xsbuild.shipped import shipped

DATA = Path(__file__).parent / "data"
SUITES = ("debian-12", "debian-13", "debian-14", "debian-sid")
STAMP = IndexStamp(date=datetime.date(2026, 11, 21), hash="0" * 64)

MakeIndex = Callable[[str, str], Index]


@cache
def distro(name: str) -> Distro:
    """A distro that comes with xsbuild."""
    return find_distros([shipped("distros")]).get(name)


def index_of(folder: Path, packages: str, contents: str) -> Index:
    """An index of a deb distro, from the text of its Packages and Contents files."""
    (folder / "Packages").write_text(packages, encoding="utf-8")
    (folder / "Contents.gz").write_bytes(gzip.compress(contents.encode()))
    write_index(
        folder / "index.sqlite",
        made_of=(),
        stamp=STAMP,
        family=Family.DEB,
        patterns=Patterns("x86_64"),
        packages=read_packages([folder / "Packages"]),
        files=read_contents([folder / "Contents.gz"]),
    )
    return Index(folder / "index.sqlite")


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Index]:
    """Suite → index of a part of its archive, as of November 2026."""
    return {
        suite: index_of(
            tmp_path_factory.mktemp(suite),
            (DATA / suite / "Packages").read_text(encoding="utf-8"),
            (DATA / suite / "Contents").read_text(encoding="utf-8"),
        )
        for suite in SUITES
    }


@pytest.fixture
def make_index(tmp_path: Path) -> Iterator[MakeIndex]:
    """Makes an index from lines ``NAME VERSION [| FIELD: …]…`` and lines ``PATH PACKAGE,…``."""
    made: list[Index] = []

    def make(packages: str, contents: str) -> Index:
        lines = [line.split(" | ") for line in packages.strip().splitlines()]
        paragraphs = [
            "\n".join(["Package: {}\nVersion: {}".format(*head.split()), *fields]) + "\n"
            for head, *fields in ([part.strip() for part in line] for line in lines)
        ]
        files = "".join(
            "{} misc/{}\n".format(*line.split()) for line in contents.strip().splitlines()
        )
        made.append(index_of(tmp_path, "\n".join(paragraphs), files))
        return made[-1]

    yield make
    for index in made:
        with closing(index):
            pass
