# SPDX-License-Identifier: Apache-2.0
"""What a disk, or somebody, does to a cache: noticed, then repaired or a clear error.

On one machine, in the order of the functions: what is built is used for the next question.
"""

import os
from pathlib import Path

import pytest

from killing import DISTRO, Machine, check_a_plain_run, ended, machine
from xsbuild.store.history import History
from xsbuild.store.store import Result

pytestmark = [
    pytest.mark.chroot,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounts: needs root"),
]


def test_damage(tmp_path: Path, bases: Path) -> None:
    with machine(tmp_path, bases) as there:
        two_at_once_share_work(there)
        a_flipped_bit_is_never_published(there)
        a_truncated_result_is_built_again(there)
        a_damaged_history_does_not_matter(there)
        what_was_half_written_goes(there)
        a_read_only_cache_is_a_clear_error(there)
        a_full_disk_is_a_clear_error(there)


def last(there: Machine, component: str) -> Result:
    found = History(there.store).last(f"{component}@{DISTRO}")
    assert found is not None
    return found


def damage(package: Path, data: bytes) -> None:
    """Changes a file in the store, and not what is published, which is a link to it."""
    package.unlink()
    package.write_bytes(data)


def two_at_once_share_work(there: Machine) -> None:
    both = [there.build(), there.build()]
    told = ""
    for running in both:
        status, out, err = ended(running)
        assert status == 0, out + err
        told += err
    for component in there.components:
        made = [line for line in told.splitlines() if line == f"{component}@{DISTRO}: build"]
        assert len(made) == 1, told
    assert there.leftovers() == [], there.leftovers()
    there.check_published()


def a_flipped_bit_is_never_published(there: Machine) -> None:
    package = last(there, "words").packages[0]
    data = package.read_bytes()
    damage(package, data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    there.write("poem", "flipped")
    status, out, err = ended(there.build())
    assert status == 1, out + err
    assert "the stored result with words_" in out + err
    there.check_published()
    check_a_plain_run(there)
    assert last(there, "words").packages[0].read_bytes() == data  # it is reproducible


def a_truncated_result_is_built_again(there: Machine) -> None:
    package = last(there, "poem").packages[0]
    data = package.read_bytes()
    damage(package, data[:100])
    check_a_plain_run(there)
    assert last(there, "poem").packages[0].read_bytes() == data


def a_damaged_history_does_not_matter(there: Machine) -> None:
    (there.store.root / f"last/poem@{DISTRO}").write_bytes(b"\xff\0/../")
    (there.store.root / f"why/poem@{DISTRO}.json").write_bytes(b"{")
    there.write("poem", "no history")
    check_a_plain_run(there)


def what_was_half_written_goes(there: Machine) -> None:
    for place in ("work/1-dead", "store/new/1-dead", "layers/new/1-dead"):
        left = there.cache / place
        left.mkdir(parents=True)
        (left / "half").write_text("half")
        left.with_name("1-dead.lock").touch()
    there.write("words", "half")  # so that a layer is made, too
    check_a_plain_run(there)


def a_read_only_cache_is_a_clear_error(there: Machine) -> None:
    there.write("poem", "read-only")
    there.namespace.run("mount", "--bind", "-o", "ro", there.cache, there.cache)
    status, out, err = ended(there.build())
    there.namespace.run("umount", there.cache)
    assert status == 1, out + err
    assert "read-only" in out + err
    there.check_published()


def a_full_disk_is_a_clear_error(there: Machine) -> None:
    work = there.cache / "work"
    there.namespace.run("mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", work)
    status, out, err = ended(there.build())
    there.namespace.run("umount", work)
    assert status == 1, out + err
    assert "full" in out + err or "No space left" in out + err
    there.check_published()
    check_a_plain_run(there)
