# SPDX-License-Identifier: Apache-2.0
"""The content-addressed store."""

import json
import logging
import os
import pickle
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from crash import PROCESSES, killed_everywhere
from stored import CONTENT, INPUTS, KEY, XHA, commit, find_or_commit
from xsbuild.errors import XsbuildError
from xsbuild.host import process
from xsbuild.host.namespace import private_namespace
from xsbuild.store.history import History
from xsbuild.store.store import DamagedError, Store, StoredFile


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store, whose folder does not exist yet."""
    return Store(tmp_path / "store")


def test_what_was_committed_is_found(store: Store) -> None:
    assert store.find(KEY) is None
    result = commit(store)
    assert store.find(KEY) == result
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301
    assert result.files == (
        StoredFile("logs/build.log", 6, result.files[0].sha256),
        StoredFile("xha.deb", len(CONTENT), result.files[1].sha256, XHA),
    )
    assert result.packages == (result.folder / "xha.deb",)
    assert result.packages[0].read_bytes() == CONTENT
    assert (result.seconds, result.builder) == ({"build": 1.5}, "pbuilder")
    assert store.inputs(KEY) == INPUTS
    assert store.verify(KEY) == []
    assert sorted(path.name for path in store.root.iterdir()) == [KEY[:2], "new"]
    assert list((store.root / "new").iterdir()) == []


def test_the_result_file_is_for_people_too(store: Store) -> None:
    data = json.loads((commit(store).folder / "result.json").read_text())
    assert data["files"][1]["package"] == {
        "name": "xha",
        "version": "25.2.0-1~deb13",
        "architecture": "amd64",
        "source": "",
    }
    assert "folder" not in data


def test_the_output_digest_is_of_the_packages_alone(tmp_path: Path) -> None:
    digests = []
    for number, (content, log) in enumerate([(b"a", "x"), (b"a", "y"), (b"b", "x")]):
        with Store(tmp_path / str(number)).begin(KEY) as entry:
            (entry.folder / "p.deb").write_bytes(content)
            (entry.folder / "build.log").write_text(log)
            result = entry.commit(inputs={}, packages={"p.deb": XHA}, seconds={}, builder="")
        digests.append(result.digest)
    assert digests[0] == digests[1] != digests[2]


def test_what_is_not_committed_is_gone(store: Store) -> None:
    with store.begin(KEY) as entry:
        (entry.folder / "xha.deb").write_bytes(CONTENT)
    assert store.find(KEY) is None
    assert list((store.root / "new").iterdir()) == []


def test_a_package_that_was_not_made_is_an_error(store: Store) -> None:
    with (
        pytest.raises(XsbuildError, match=r"did not make xha\.deb"),
        store.begin(KEY) as entry,
    ):
        entry.commit(inputs={}, packages={"xha.deb": XHA}, seconds={}, builder="")


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "xha.deb").unlink(),
        lambda folder: os.truncate(folder / "xha.deb", 3),
        lambda folder: os.truncate(folder / "result.json", 40),
        lambda folder: (folder / "result.json").unlink(),
        lambda folder: (folder / "result.json").write_text("[]"),
        lambda folder: (folder / "result.json").write_text('{"key": 1}'),
    ],
    ids=["no file", "short file", "short list", "no list", "no mapping", "no record"],
)
def test_a_damaged_result_is_set_aside(
    store: Store, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    result = commit(store)
    damage(result.folder)
    assert store.verify(KEY) != []
    with caplog.at_level(logging.WARNING):
        assert store.find(KEY) is None
    (aside,) = (store.root / "damaged").iterdir()
    assert str(aside) in caplog.text
    assert commit(store).files == result.files
    assert store.find(KEY) is not None


def test_commit_replaces_a_damaged_result(store: Store) -> None:
    os.truncate(commit(store).folder / "xha.deb", 1)
    assert commit(store).packages[0].read_bytes() == CONTENT


def test_verify_reads_the_content(store: Store) -> None:
    result = commit(store)
    (result.folder / "xha.deb").write_bytes(CONTENT.upper())
    assert store.find(KEY) is not None
    assert store.verify(KEY) == [f"{result.folder / 'xha.deb'} is not what was stored"]


def test_a_flipped_bit_is_noticed_before_a_package_is_given_on(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    result = commit(store)
    store.check([result])
    package = result.packages[0]
    package.write_bytes(bytes([CONTENT[0] ^ 1]) + CONTENT[1:])
    with pytest.raises(DamagedError, match=f"{package} is not what was stored") as caught:
        store.check([result])
    assert "next run builds it again" in (caught.value.hint or "")
    (aside,) = (store.root / "damaged").iterdir()
    assert str(aside) in caplog.text
    assert store.find(KEY) is None
    with pytest.raises(DamagedError, match=r"xha\.deb is damaged: there is no result"):
        store.check([result])  # by who planned with it before
    store.check([commit(store)])


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", None])
def test_damaged_inputs_are_none(store: Store, text: bytes | None) -> None:
    file = commit(store).folder / "inputs.json"
    file.write_bytes(text) if text is not None else file.unlink()
    assert store.inputs(KEY) == {}


@pytest.mark.parametrize(
    "text", [b"", b"\xff\xfe", b"\0", b"../../etc", b"a" * 63, b"0" * 64 + b"\n", b"x" * 10_000]
)
def test_a_damaged_history_is_none(store: Store, text: bytes) -> None:
    history = History(store)
    history.remember("xha@debian-13", commit(store).key)
    assert history.last("xha@debian-13") is not None
    (store.root / "last/xha@debian-13").write_bytes(text)
    assert history.last("xha@debian-13") is None
    assert history.inputs("xha@debian-13") is None


def test_the_first_of_two_commits_stays(store: Store) -> None:
    first = commit(store)
    assert commit(store, b"another") == first
    assert store.verify(KEY) == []


def test_two_processes_build_a_key_once(store: Store, tmp_path: Path) -> None:
    made = tmp_path / "made"
    call = partial(find_or_commit, store.root, made)
    children = [PROCESSES.Process(target=call) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert made.read_text() == "built\n"
    assert list((store.root / "locks").iterdir()) == []


def test_two_commits_at_once_leave_one_whole_result(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda n: commit(store, b"%d" % n), range(12)))
    assert len({result.digest for result in results}) == 1
    assert store.verify(KEY) == []


def test_killed_anywhere_leaves_nothing_or_all(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = tmp_path / "made"
    kills = 0
    for _ in killed_everywhere(partial(find_or_commit, store.root, made)):
        kills += 1
        found = store.find(KEY)
        assert found is None or store.verify(KEY) == []
        assert caplog.text == ""
    assert kills > 10
    assert store.verify(KEY) == []
    assert list((store.root / "locks").iterdir()) == []
    with store.begin(KEY) as entry:
        assert [path for path in (store.root / "new").iterdir() if path.is_dir()] == [
            entry.folder.parent
        ]


COMMIT = """
import sys
from pathlib import Path
from stored import commit
from xsbuild.store.store import Store
from xsbuild.errors import XsbuildError
try:
    commit(Store(Path(sys.argv[1])), b"x" * 100_000)
except XsbuildError as error:
    print(f"{type(error).__name__}: {error}; {error.hint}")
"""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("size=64k", "StorageError: the disk that holds {} is full; free some space"),
        ("ro", "StorageError: {} is on a read-only file system; choose another folder"),
    ],
)
def test_a_disk_that_takes_nothing_is_a_clear_error(
    tmp_path: Path, options: str, message: str
) -> None:
    with private_namespace() as namespace:
        namespace.run("mount", "-t", "tmpfs", "-o", options, "test", tmp_path)
        done = process.run(
            [sys.executable, "-c", COMMIT, tmp_path],
            within=namespace.enter,
            env={"PYTHONPATH": ":".join(sys.path)},
        )
    beginning, end = message.split("{}")
    assert done.output.startswith(f"{beginning}{tmp_path}")
    assert end in done.output
