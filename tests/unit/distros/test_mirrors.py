# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from debian.deb822 import Deb822

from xsbuild.distros.mirrors import (
    deb822_sources,
    mirrors_of,
    orders,
    parse_indextargets,
    rewrite,
)
from xsbuild.distros.model import Archive, Distro, Family
from xsbuild.settings import Folders, Settings

MAIN = Archive(name="debian", origin="Debian", label="Debian", suites=("trixie",), keyring="/k.gpg")
SECURITY = Archive(
    name="debian-security",
    origin="Debian",
    label="Debian-Security",
    suites=("trixie-security",),
    components=("main", "contrib"),
    keyring="/s.gpg",
)
FOREIGN = Archive(name="nobody-has-this", origin="Nobody", label="Nobody", keyring="/n.gpg")
DISTRO = Distro(
    name="debian-13",
    title="Debian 13",
    family=Family.DEB,
    version_suffix="~deb13",
    architectures={"x86_64": "amd64"},
    archives=(MAIN, SECURITY),
)


def settings(folders: Folders, **archives: str) -> Settings:
    return Settings(
        folders, archives={name.replace("_", "-"): (uri,) for name, uri in archives.items()}
    )


@pytest.fixture
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    place = tmp_path_factory.mktemp("folders")
    return Folders(place / "cache", place / "data", place / "config")


def test_a_users_mirrors_need_no_apt(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xsbuild.host.process.run", None)
    chosen = settings(folders, debian="http://m/debian", debian_security="http://m/sec")
    assert mirrors_of(DISTRO.archives, chosen) == {
        "debian": ("http://m/debian",),
        "debian-security": ("http://m/sec",),
    }


def test_an_archive_that_the_host_does_not_have_has_no_mirror(folders: Folders) -> None:
    assert mirrors_of([FOREIGN], settings(folders)) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("Debian\tDebian\thttp://a/\n", {("Debian", "Debian"): ("http://a/",)}),
        (
            "Debian\tDebian\thttp://a/\nDebian\tDebian\thttp://b/\nDebian\tDebian\thttp://a/\n",
            {("Debian", "Debian"): ("http://a/", "http://b/")},
        ),
        ("Debian\tDebian\tmirror+file:/nonexistent/mirrors/\n", {}),
        ("Debian\tDebian\tcdrom:[Debian]/\n", {}),
        (
            "Debian\tDebian\thttp://a/\nDebian\tDebian-Security\thttp://s/\n",
            {("Debian", "Debian"): ("http://a/",), ("Debian", "Debian-Security"): ("http://s/",)},
        ),
        ("Debian\tDebian Backports\thttp://a/\n", {("Debian", "Debian Backports"): ("http://a/",)}),
        ("\t\thttp://never-updated/\n", {}),
        ("what is this\n", {}),
    ],
)  # fmt: skip
def test_the_hosts_sources_are_told_apart_by_origin_and_label(
    text: str, expected: dict[tuple[str, str], tuple[str, ...]]
) -> None:
    assert parse_indextargets(text) == expected


@pytest.mark.parametrize(
    ("lines", "mirrors"),
    [
        ("http://a/\n", ("http://a/",)),
        ("# fast\nhttp://a/\n\nhttp://b/\n", ("http://a/", "http://b/")),
        ("http://a/\tpriority:2\nhttp://b/\ttype:deb priority:1\n", ("http://b/", "http://a/")),
        ("http://a/\nhttp://b/\tpriority:9\n", ("http://b/", "http://a/")),
        ("http://a/\tpriority:first\n", ("http://a/",)),
    ],
)
@pytest.mark.parametrize("prefix", ["mirror+file:", "mirror+file://"])
def test_a_list_of_mirrors_stands_for_those_in_it(
    prefix: str, lines: str, mirrors: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "debian.list"
    file.write_text(lines)
    found = parse_indextargets(f"Debian\tDebian\t{prefix}{file}/\n")
    assert found == {("Debian", "Debian"): mirrors}


@pytest.mark.parametrize("content", [b"", b"# none\n", b"cdrom:[Debian]/\n", b"\xff\n"])
def test_a_list_without_mirrors_is_no_mirror(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "debian.list"
    file.write_bytes(content)
    assert parse_indextargets(f"Debian\tDebian\tmirror+file:{file}/\n") == {}


def test_a_chroots_sources_name_each_archive_with_its_own_keyring() -> None:
    mirrors = {
        "debian": ("http://m/debian", "http://n/debian"),
        "debian-security": ["http://m/sec"],
    }
    text = deb822_sources(DISTRO, mirrors)
    main, security = Deb822.iter_paragraphs(text)
    assert dict(main) == {
        "Types": "deb",
        "URIs": "http://m/debian http://n/debian",
        "Suites": "trixie",
        "Components": "main",
        "Signed-By": "/k.gpg",
    }
    assert security["Components"] == "main contrib"
    assert security["Signed-By"] == "/s.gpg"


def test_each_mirror_is_the_first_once() -> None:
    mirrors = {"debian": ("a", "b", "c"), "debian-security": ("s",)}
    assert list(orders(mirrors)) == [
        {"debian": ("a", "b", "c"), "debian-security": ("s",)},
        {"debian": ("b", "c", "a"), "debian-security": ("s",)},
        {"debian": ("c", "a", "b"), "debian-security": ("s",)},
    ]
    assert list(orders({})) == []


PREFIXES = {
    "https://x.invalid/": "file:///a/",
    "https://x.invalid/b/": "file:///c/",
    "ssh:": "git:",
}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://x.invalid/y", "file:///a/y"),
        ("https://x.invalid/b/y", "file:///c/y"),
        ("https://x.invalid/b", "file:///a/b"),
        ("http://x.invalid/y", "http://x.invalid/y"),
        ("ssh://https://x.invalid/", "git://https://x.invalid/"),
    ],
)
def test_the_longest_prefix_wins(address: str, expected: str) -> None:
    assert rewrite(address, PREFIXES) == expected
