# SPDX-License-Identifier: Apache-2.0
"""Mirrors that are being synchronised: what apt is made to do about it, and what a person reads."""

import datetime
import gzip
import hashlib
import lzma
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest

from webserver import Web
from xsbuild.capabilities.fetch_index import open_apt, open_index
from xsbuild.distros.apt import MirrorsError, make_private_apt, update
from xsbuild.distros.apt_output import read_faults
from xsbuild.distros.model import Archive, Distro, Family
from xsbuild.errors import InputError
from xsbuild.host.process import is_program
from xsbuild.repos.signing import SigningKey, session
from xsbuild.settings import Folders, Settings

pytestmark = pytest.mark.skipif(not is_program("apt-get"), reason="no apt on this machine")

DAY = 24 * 3600
NOW = 1_790_000_000
CONTENTS, PACKAGES = "main/Contents-amd64", "main/binary-amd64/Packages"
PACKAGE = """\
Package: cmake
Version: {version}
Architecture: amd64
Maintainer: Nobody <nobody@example.org>
Filename: pool/cmake.deb
Size: 1
SHA256: {digest}
Description: {padding}

"""
Files = dict[str, bytes]


def archive_of(version: int, key: SigningKey, *, contents: bool = True) -> Files:
    """All files of a small archive, path below its root → content."""
    digest = hashlib.sha256(b"x").hexdigest()
    text = PACKAGE.format(version=version, digest=digest, padding="x" * version).encode()
    files = {f"{PACKAGES}.gz": gzip.compress(text, mtime=0), f"{PACKAGES}.xz": lzma.compress(text)}
    listed = {PACKAGES: text, **files}
    if contents:
        lines = [
            "usr/bin/cmake devel/cmake",
            *(f"usr/bin/x{n} devel/cmake" for n in range(version)),
        ]
        plain = "\n".join([*lines, ""]).encode()
        files[f"{CONTENTS}.gz"] = gzip.compress(plain, mtime=0)
        # as Debian's, it lists the plain file that no mirror has
        listed |= {CONTENTS: plain, f"{CONTENTS}.gz": files[f"{CONTENTS}.gz"]}
    release = (
        "Origin: Test\nLabel: Test\nSuite: stable\nCodename: stable\n"
        f"Date: {formatdate(NOW + version * DAY, usegmt=True)}\n"
        "Acquire-By-Hash: yes\nArchitectures: amd64\nComponents: main\nSHA256:\n"
    ) + "".join(f" {sha256(data)} {len(data)} {name}\n" for name, data in listed.items())
    with session(key) as signer:
        served = {"InRelease": signer.clearsign(release.encode())}
    for name, data in files.items():
        served[name] = data
        served[f"{name.rpartition('/')[0]}/by-hash/SHA256/{sha256(data)}"] = data
    return {f"dists/stable/{name}": data for name, data in served.items()}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def changed(files: Files, part: str, change: Callable[[bytes], bytes | None]) -> Files:
    """The files, those with a part of another content or, for None, missing."""
    content = {data for name, data in files.items() if part in name}
    new = {name: change(data) if data in content else data for name, data in files.items()}
    return {name: data for name, data in new.items() if data is not None}


def flipped(data: bytes) -> bytes:
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


def by_name(files: Files) -> Files:
    return {name: data for name, data in files.items() if "by-hash" not in name}


# what is wrong with a mirror → the change, and what is said where it is the only one
FAULTS: dict[str, tuple[Callable[[Files, Files], Files], str]] = {
    "size": (
        lambda new, _old: changed(new, CONTENTS, lambda data: data[:-7]),
        "stable/main amd64 Contents on {mirror}: {short} bytes, InRelease says {size}: "
        "the mirror is being synchronised",
    ),
    "hash": (
        lambda new, _old: changed(new, CONTENTS, flipped),
        "stable/main amd64 Contents on {mirror}: its checksum is not the one that InRelease lists",
    ),
    "no-by-hash": (lambda new, _old: by_name(new), ""),
    "no-contents": (
        lambda new, _old: changed(new, CONTENTS, lambda _data: None),
        "stable/main amd64 Contents on {mirror}: listed in InRelease, but missing (404)",
    ),
    "newer-inrelease": (
        lambda new, old: {**old, "dists/stable/InRelease": new["dists/stable/InRelease"]},
        "stable/main amd64 Packages on {mirror}: ",
    ),
    "bad-by-hash": (
        lambda new, _old: {
            name: flipped(data) if "by-hash" in name else data for name, data in new.items()
        },
        "",
    ),
    "bad-xz": (
        lambda new, _old: changed(new, f"{PACKAGES}.xz", flipped),
        "",
    ),
}


class Distribution:
    """A distro whose one archive has several mirrors on the loopback."""

    def __init__(self, folder: Path, key: SigningKey, web: Web) -> None:
        self.folder, self.key, self.web = folder, key, web
        self.keyring = folder / "key.asc"
        self.keyring.write_bytes(key.public)
        self.said: list[str] = []

    def distro(self, *suites: str) -> Distro:
        suites = suites or ("stable",)
        archive = Archive(
            name="test", origin="Test", label="Test", suites=suites, keyring=str(self.keyring)
        )
        return Distro(
            name="test-1",
            title="Test 1",
            family=Family.DEB,
            version_suffix="~t1",
            architectures={"x86_64": "amd64"},
            archives=(archive,),
        )

    def settings(self, *mirrors: str, offline: bool = False) -> Settings:
        folders = Folders(*(self.folder / name for name in ("cache", "data", "config")))
        archives = {"test": tuple(f"{self.web.address}/{mirror}" for mirror in mirrors)}
        return Settings(folders, archives=archives, offline=offline)

    def serve(self, mirror: str, files: Files) -> None:
        for path in [path for path in self.web.files if path.startswith(f"/{mirror}/")]:
            del self.web.files[path]
        for path, data in files.items():
            self.web.add(f"/{mirror}/{path}", data)

    def found(self, *mirrors: str, offline: bool = False) -> str | None:
        """The version of the package that has /usr/bin/cmake, by the index of these mirrors."""
        settings = self.settings(*mirrors, offline=offline)
        with open_index(self.distro(), settings, self.said.append) as index:
            offers = index.offering("bin", "cmake")
            return offers[0].package.version if offers else None

    def packages(
        self, mirror: str, since: datetime.date, *suites: str, offline: bool = False
    ) -> str:
        """The version of the package by an apt that is opened to solve dependencies."""
        settings = self.settings(mirror, offline=offline)
        with open_apt(self.distro(*suites), settings, since, self.said.append) as apt:
            text = "".join(file.read_text() for file in apt.targets("Packages"))
        return text.partition("Version: ")[2].partition("\n")[0]


@pytest.fixture
def distribution(tmp_path: Path, key: SigningKey, web: Web) -> Distribution:
    return Distribution(tmp_path, key, web)


@pytest.fixture(scope="module")
def archives(key: SigningKey) -> tuple[Files, Files]:
    """A release of an archive, and the one before it."""
    return archive_of(2, key), archive_of(1, key)


@pytest.mark.parametrize("fault", FAULTS)
def test_another_mirror_serves_what_one_lacks(
    fault: str, distribution: Distribution, archives: tuple[Files, Files]
) -> None:
    distribution.serve("bad", FAULTS[fault][0](*archives))
    distribution.serve("good", archives[0])
    assert distribution.found("bad", "good") == "2"
    # and offline, by what was fetched
    assert distribution.found("bad", "good", offline=True) == "2"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_single_mirror_is_enough_or_its_fault_is_said(
    fault: str, distribution: Distribution, archives: tuple[Files, Files]
) -> None:
    change, said = FAULTS[fault]
    distribution.serve("bad", change(*archives))
    if not said:
        assert distribution.found("bad") == "2"
        return
    with pytest.raises(MirrorsError) as caught:
        distribution.found("bad")
    size = len(archives[0][f"dists/stable/{CONTENTS}.gz"])
    mirror = f"{distribution.web.address}/bad"
    assert said.format(mirror=mirror, size=size, short=size - 7) in str(caught.value)
    # nothing half fetched is an answer
    with pytest.raises(InputError):
        distribution.found("bad", offline=True)


@pytest.mark.parametrize("fault", [name for name, (_change, said) in FAULTS.items() if said])
def test_the_index_of_before_is_kept(
    fault: str, distribution: Distribution, archives: tuple[Files, Files]
) -> None:
    distribution.serve("one", archives[1])
    assert distribution.found("one") == "1"
    distribution.said.clear()
    distribution.serve("one", FAULTS[fault][0](*archives))
    assert distribution.found("one") == "1"
    (notice,) = [text for text in distribution.said if "using the indexes of 2026-09-22" in text]
    assert "on http://127.0.0.1:" in notice
    assert distribution.found("one", offline=True) == "1"
    distribution.serve("one", archives[0])
    assert distribution.found("one") == "2"


def test_packages_alone_do_without_lists_of_files(
    distribution: Distribution, archives: tuple[Files, Files]
) -> None:
    """And leave no index that claims to know them."""
    distribution.serve("bad", FAULTS["no-contents"][0](*archives))
    apt = make_private_apt(distribution.folder / "apt", "amd64")
    update(apt, distribution.distro(), distribution.settings("bad"), contents=False)
    assert "2" in apt.targets("Packages")[0].read_text()
    assert not apt.is_complete


def test_solving_asks_an_archive_if_what_is_known_is_too_old(
    distribution: Distribution, archives: tuple[Files, Files]
) -> None:
    date = datetime.datetime.fromtimestamp(NOW + DAY, datetime.UTC).date()
    distribution.serve("one", archives[1])
    assert distribution.packages("one", date) == "1"
    distribution.serve("one", archives[0])
    distribution.web.requests.clear()
    assert distribution.packages("one", date) == "1"
    assert distribution.web.requests == []
    assert distribution.packages("one", date + datetime.timedelta(1)) == "2"


def test_solving_asks_an_archive_for_a_suite_that_was_added(
    distribution: Distribution, archives: tuple[Files, Files]
) -> None:
    distribution.serve("one", archives[0])
    assert distribution.packages("one", datetime.date.min) == "2"
    with pytest.raises(MirrorsError):
        distribution.packages("one", datetime.date.min, "stable", "updates")


def test_an_archive_of_which_a_suite_was_never_fetched_is_unknown(
    distribution: Distribution, archives: tuple[Files, Files]
) -> None:
    distribution.serve("one", archives[0])
    suites = ("stable", "updates")
    with pytest.raises(MirrorsError, match=r"updates Release on .*: the mirror has no such suite"):
        distribution.packages("one", datetime.date.min, *suites)
    with pytest.raises(InputError, match="nothing is known"):
        distribution.packages("one", datetime.date.min, *suites, offline=True)


def test_an_archive_without_lists_of_files_is_refused(distribution: Distribution) -> None:
    distribution.serve("good", archive_of(2, distribution.key, contents=False))
    with pytest.raises(InputError, match="list no Contents files"):
        distribution.found("good")


def test_an_index_says_what_it_is_made_of(
    distribution: Distribution, archives: tuple[Files, Files]
) -> None:
    distribution.serve("good", archives[0])
    distribution.found("good")
    settings = distribution.settings("good")
    with open_index(distribution.distro(), settings, distribution.said.append) as index:
        made_of = index.made_of()
    assert sorted(name.rpartition("_")[2] for name in made_of) == ["Contents-amd64.gz", "Packages"]
    contents = archives[0][f"dists/stable/{CONTENTS}.gz"]
    assert sha256(contents) in made_of.values()


def test_data_of_another_key_is_never_used(
    distribution: Distribution, archives: tuple[Files, Files]
) -> None:
    release = archives[0]["dists/stable/InRelease"].replace(b"Label: Test", b"Label: Evil")
    distribution.serve("bad", {**archives[0], "dists/stable/InRelease": release})
    with pytest.raises(MirrorsError, match="stable InRelease on"):
        distribution.found("bad")
    distribution.serve("good", archives[0])
    assert distribution.found("bad", "good") == "2"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (
            "Err:4 http://m/debian trixie/main amd64 Contents\n"
            "  File has unexpected size (12698511 != 12699567). Mirror sync in progress? [IP: x]\n",
            "trixie/main amd64 Contents on http://m/debian: 12,698,511 bytes, InRelease says "
            "12,699,567: the mirror is being synchronised",
        ),
        (
            "Err:1 mirror+file:/x/debian.mirrors trixie InRelease\n"
            "  Could not connect to m:80 (127.0.0.1). - connect (111: no) [IP: 127.0.0.1 80]\n",
            "trixie InRelease on http://first: Could not connect to m:80 (127.0.0.1). - connect "
            "(111: no)",
        ),
        ("Hit:1 http://m/debian trixie InRelease\n", ""),
        ("Err:1 http://m/debian", ""),
    ],
)
def test_faults_are_read_off_apts_output(output: str, expected: str) -> None:
    assert "\n".join(map(str, read_faults(output, "http://first"))) == expected
