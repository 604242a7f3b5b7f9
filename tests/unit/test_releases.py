# SPDX-License-Identifier: Apache-2.0
"""What releases install, by public facts, is what the manifest lists."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from pydantic import BaseModel, TypeAdapter

from rendered import product, rendered
from xsbuild.manifest.model import Component, LocalSource
from xsbuild.yamlfile import read


class Release(BaseModel, extra="forbid", frozen=True):
    """Facts of a release."""

    version: str
    read: tuple[str, ...]
    options: str = ""
    installs: dict[str, str]
    tree: str = ""


FACTS = TypeAdapter(dict[str, Release]).validate_python(
    read(Path(__file__).parents[1] / "data" / "releases.yaml").data
)
# What both recipes delete, by component; their own comments say why.
DELETED = {
    "xapi": (
        "{bindir}/gen_lifecycle",
        "{prefix}/doc",
        "/usr/lib/yum-plugins",
        "{sysconfdir}/yum",
        "{python3_sitelib}/XenAPI.py",
        "{python3_sitelib}/XenAPIPlugin.py",
        "{python3_sitelib}/dnf-plugins",
        "{ocamldir}/qcow-stream-tool",
        "{ocamldir}/varstored-guard",
        "{ocamldir}/xapi-nbd",
        "{ocamldir}/xapi-storage-cli",
        "{ocamldir}/xapi-storage-script",
    ),
    "sm": (
        "/usr/libexec/sm/keymanagerutil",
        "{python3_sitelib}/sm/plugins/keymanagerutil.py",
        "/opt/xensource/sm/plugins",
    ),
    "libempserver": ("{libdir}/libempserver.a",),
    "oxenstored": ("{ocamldir}/oxenstored",),
}
OPTION = re.compile(r"(?:-D)?(?P<name>(?:--)?[\w.-]+)")


def component(name: str) -> Component:
    return product().manifest.components[name]


def installed(name: str) -> Iterator[str]:
    for folder, names in FACTS[name].installs.items():
        yield from (f"{folder}/{file}" for file in names.split())


def covers(pattern: str, path: str) -> bool:
    """Whether a path, or a directory above it, is what a pattern of the manifest means."""
    whole = PurePosixPath("/", path)
    return any(part.match(f"/{pattern.strip('/')}") for part in (whole, *whole.parents[:-1]))


def brought(name: str) -> Iterator[str]:
    """What the component's packages add by `install`."""
    for package in component(name).packages.values():
        for item in package.install:
            yield f"{item.to}/{PurePosixPath(item.source).name}"


def listed(name: str) -> Iterator[str]:
    for package in component(name).packages.values():
        yield from (*package.files, *package.config)
        yield from (f"{{unitdir}}/{unit.name}" for unit in package.units)


@pytest.mark.parametrize("name", FACTS)
def test_facts_are_of_the_version_that_is_built_and_say_where_they_are_from(name: str) -> None:
    assert FACTS[name].version == component(name).version
    assert all(re.fullmatch(r"[\w./-]+:[\w./-]+@[0-9a-f]{8,40}", at) for at in FACTS[name].read)


@pytest.mark.parametrize("name", FACTS)
def test_nothing_that_a_release_installs_is_left_over(name: str) -> None:
    patterns = (*listed(name), *DELETED.get(name, ()))
    left = [p for p in installed(name) if not any(covers(pattern, p) for pattern in patterns)]
    assert left == []


@pytest.mark.parametrize("name", FACTS)
def test_nothing_is_listed_that_is_not_installed(name: str) -> None:
    gone = DELETED.get(name, ())
    there = [
        *(path for path in installed(name) if not any(covers(part, path) for part in gone)),
        *brought(name),
    ]
    missing = [pattern for pattern in listed(name) if not any(covers(pattern, p) for p in there)]
    assert missing == []


@pytest.mark.parametrize("name", FACTS)
def test_no_file_is_in_two_packages(name: str) -> None:
    owners = [
        [*package.files, *package.config, *(f"{{unitdir}}/{unit.name}" for unit in package.units)]
        for package in component(name).packages.values()
    ]
    for path in {*installed(name), *brought(name)}:
        having = [own for own in owners if any(covers(pattern, path) for pattern in own)]
        assert len(having) <= 1, path


@pytest.mark.parametrize("name", FACTS)
def test_files_of_the_source_are_in_the_source(name: str) -> None:
    own = tuple(f"{s.name}/" for s in component(name).sources if isinstance(s, LocalSource))
    tree = FACTS[name].tree.split()
    for package in component(name).packages.values():
        for source in (*(item.source for item in package.install), *package.docs):
            if not source.startswith(own):
                assert any(covers(source, file) for file in tree), source


@pytest.mark.parametrize("name", FACTS)
def test_options_are_those_that_the_release_knows(name: str) -> None:
    build = component(name).build
    assert build
    for option in build.options:
        match = OPTION.match(option)
        assert match, option
        assert match["name"] in FACTS[name].options.split(), option


@pytest.mark.parametrize("distro", ["debian-13", "rocky-9"])
@pytest.mark.parametrize("name", DELETED)
def test_recipes_delete_what_is_installed_and_in_no_package(name: str, distro: str) -> None:
    texts = [file.content.decode() for path, file in rendered(distro)[name].tree.items()
             if path.name == "rules" or path.suffix == ".spec"]  # fmt: skip
    for path in DELETED[name]:
        assert any(covers(path, there) for there in installed(name)), path
        # a spec file may have names in braces, and their common ending after these
        assert any(PurePosixPath(path).stem in text for text in texts), path
