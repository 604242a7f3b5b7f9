# SPDX-License-Identifier: Apache-2.0
"""Publishing: a reader sees one whole version, whoever publishes or dies meanwhile."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from crash import PROCESSES, killed_everywhere
from debs import PrivateApt, make_deb
from xsbuild.errors import XsbuildError
from xsbuild.repos.apt import write_apt_repository
from xsbuild.repos.publish import Published, publish
from xsbuild.repos.signing import SigningKey

DISTRO = "debian-13"


def make_tree(folder: Path, version: str) -> Path:
    """Something like a repository: an index that names a file that holds the version."""
    tree = folder / f"tree-{version}"
    (tree / "pool").mkdir(parents=True)
    (tree / "pool" / version).write_text(version)
    (tree / "index").write_text(version)
    (tree / "by-hash").mkdir()
    (tree / "by-hash" / version).write_text(version)
    return tree


def publishing(results: Path, tree: Path) -> Callable[[], Published]:
    """A picklable call that publishes a tree as it is."""
    write = partial(shutil.copytree, tree, dirs_exist_ok=True)
    return partial(publish, results, DISTRO, [tree / "index"], facts={}, write=write)


def publish_tree(results: Path, tree: Path) -> Published:
    """Publishes a tree as it is."""
    return publishing(results, tree)()


def seen(results: Path) -> str:
    """The version that a reader who opens the repository sees, whole."""
    version = (results / DISTRO).resolve(strict=True)
    name = (version / "index").read_text()
    assert (version / "pool" / name).read_text() == name
    return name


def versions(results: Path) -> list[str]:
    """Everything that is kept, apart from the folder for new versions."""
    return sorted(p.name for p in (results / ".versions" / DISTRO).iterdir() if p.name != "new")


def files(results: Path) -> set[str]:
    """The files a reader finds."""
    root = results / DISTRO
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def trees(tmp_path: Path) -> dict[str, Path]:
    """Three versions."""
    return {version: make_tree(tmp_path, version) for version in ("one", "two", "three")}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Where they are published; it does not exist yet."""
    return tmp_path / "dist"


def test_a_repository_is_published_once(results: Path, trees: dict[str, Path]) -> None:
    first = publish_tree(results, trees["one"])
    assert (first.folder, first.changed) == (results / DISTRO, True)
    assert first.folder.readlink() == Path(".versions", DISTRO, first.digest)
    assert seen(results) == "one"
    again = publish_tree(results, trees["one"])
    assert again == Published(first.folder, first.digest, changed=False)
    assert sorted(path.name for path in results.iterdir()) == [".versions", DISTRO]


def test_facts_make_a_version_too(results: Path, trees: dict[str, Path]) -> None:
    write = partial(shutil.copytree, trees["one"], dirs_exist_ok=True)
    digests = {
        publish(results, DISTRO, [], facts={"key": key}, write=write).digest for key in ("a", "b")
    }
    assert len(digests) == 2


def test_the_former_version_stays_until_the_next(results: Path, trees: dict[str, Path]) -> None:
    digests = []
    for name, tree in trees.items():
        digests.append(publish_tree(results, tree).digest)
        assert seen(results) == name
        kept = digests[-2:]
        assert versions(results) == sorted([*kept, *(f"{digest}.json" for digest in kept)])
    assert files(results) == {
        "index", "pool/three", "by-hash/three", "pool/two", "by-hash/two",
    }  # fmt: skip
    assert (results / DISTRO / "by-hash" / "two").read_text() == "two"


def test_a_version_can_come_back(results: Path, trees: dict[str, Path]) -> None:
    for name in ("one", "two", "one"):
        assert publish_tree(results, trees[name]).changed
    assert seen(results) == "one"
    assert files(results) == {"index", "pool/one", "by-hash/one", "pool/two", "by-hash/two"}


def test_what_xsbuild_did_not_publish_stays(results: Path, trees: dict[str, Path]) -> None:
    (results / DISTRO).mkdir(parents=True)
    (results / DISTRO / "mine").touch()
    with pytest.raises(XsbuildError, match="was not published by xsbuild"):
        publish_tree(results, trees["one"])
    assert files(results) == {"mine"}


def test_a_repository_that_cannot_be_written_changes_nothing(
    results: Path, trees: dict[str, Path]
) -> None:
    publish_tree(results, trees["one"])
    before = versions(results)

    def fail(target: Path) -> None:
        (target / "half").touch()
        raise XsbuildError("no key", code="XSB-REPO-SIGNING")

    with pytest.raises(XsbuildError, match="no key"):
        publish(results, DISTRO, [trees["two"] / "index"], facts={}, write=fail)
    assert seen(results) == "one"
    assert versions(results) == before
    assert list((results / ".versions" / DISTRO / "new").iterdir()) == []


def test_processes_that_publish_at_once(results: Path, trees: dict[str, Path]) -> None:
    children = [
        PROCESSES.Process(target=publishing(results, tree))
        for tree in (*trees.values(), *trees.values())
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 6
    assert seen(results) in trees
    assert len(versions(results)) == 4
    assert sorted(path.name for path in (results / ".versions").iterdir()) == [DISTRO]


def test_a_reader_never_sees_half(results: Path, trees: dict[str, Path]) -> None:
    publish_tree(results, trees["one"])

    def read(published: Event) -> set[str]:
        readings = {seen(results)}
        while not published.is_set():
            readings.add(seen(results))
        return readings

    with ThreadPoolExecutor(1) as pool:
        for old, new in [("one", "two"), ("two", "one")] * 10:
            published = Event()
            reading = pool.submit(read, published)
            publish_tree(results, trees[new])
            published.set()
            assert reading.result() <= {old, new}


def test_killed_anywhere_a_whole_version_is_there(results: Path, trees: dict[str, Path]) -> None:
    publish_tree(results, trees["one"])
    kills = killed_everywhere(publishing(results, trees["two"]))
    readings = [seen(results) for _ in kills]
    assert set(readings) == {"one", "two"}
    assert readings == sorted(readings)
    assert seen(results) == "two"
    assert publish_tree(results, trees["three"]).changed
    assert files(results) >= {"pool/two", "by-hash/two"}
    assert len(versions(results)) == 4
    assert list((results / ".versions" / DISTRO / "new").iterdir()) == []
    assert sorted(path.name for path in (results / ".versions").iterdir()) == [DISTRO]


def publish_debs(results: Path, packages: list[Path], key: SigningKey, epoch: int) -> Published:
    """Publishes an apt repository."""
    place = results / DISTRO
    write = partial(
        write_apt_repository,
        packages=packages,
        suite=DISTRO,
        title="XenServer core",
        architectures=["amd64"],
        key=key,
        epoch=epoch,
        location=place.as_uri(),
        signed_by=str(place / "key.asc"),
    )
    return publish(results, DISTRO, packages, facts={"key": key.fingerprint}, write=write)


def test_apt_goes_on_with_what_it_began_with(
    tmp_path: Path, results: Path, key: SigningKey
) -> None:
    old, new = (make_deb(tmp_path, "sm", version) for version in ("4.0-1", "4.1-1"))
    folder = publish_debs(results, [old], key, 1_767_225_600).folder
    apt = PrivateApt.using(folder, tmp_path / "apt")
    assert apt.update().status == 0
    publish_debs(results, [new], key, 1_767_225_601)
    fetched = apt.run("download", "sm")
    assert fetched.status == 0, fetched.output
    assert (apt.root / "sm_4.0-1_amd64.deb").read_bytes() == old.read_bytes()
    updated = apt.update()
    assert updated.status == 0, updated.output
    assert apt.version("sm") == "4.1-1"


@pytest.mark.parametrize("name", ["index", "pool/one", "by-hash/one"])
@pytest.mark.parametrize("damage", ["removed", "truncated", "appended"])
def test_a_damaged_repository_is_published_again(
    name: str, damage: str, results: Path, trees: dict[str, Path]
) -> None:
    publish_tree(results, trees["one"])
    file = (results / DISTRO).resolve() / name
    if damage == "removed":
        file.unlink()
    else:
        file.write_text("" if damage == "truncated" else "one and more")
    assert publish_tree(results, trees["one"]).changed
    assert seen(results) == "one"
    assert files(results) == {"index", "pool/one", "by-hash/one"}
    assert not publish_tree(results, trees["one"]).changed
    # and again, beside what readers of the mended one have open
    (results / DISTRO / "index").unlink()
    assert publish_tree(results, trees["one"]).changed
    assert publish_tree(results, trees["two"]).changed
    assert seen(results) == "two"
