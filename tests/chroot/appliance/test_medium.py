# SPDX-License-Identifier: Apache-2.0
"""A medium that is not as it was made: nothing is written to the disk."""

from collections.abc import Callable
from pathlib import Path

import pytest

from appliances import VERIFY, empty_disk, file_of, install, said, with_answers, with_files
from machine import Hardware, boot, needs_machine
from own_settings import settings_in
from xsbuild.repos.signing import detached, signing_key

pytestmark = [pytest.mark.chroot, pytest.mark.slow, needs_machine]
_PAYLOAD = "/LiveOS/squashfs.img"
_SUMS = "/SHA256SUMS"


def with_damage(medium: Path, folder: Path) -> Path:
    """A medium with one wrong byte, where the payload is not read at the start."""
    payload = file_of(medium, _PAYLOAD, folder / "payload")
    data = bytearray(payload.read_bytes())
    data[len(data) // 2] ^= 1
    payload.chmod(0o600)
    payload.write_bytes(data)
    return with_files(medium, folder / "damaged.iso", {_PAYLOAD: payload})


def signed_by_another_key(medium: Path, folder: Path) -> Path:
    """A medium whose signature is by another key than the system on it trusts."""
    sums = file_of(medium, _SUMS, folder / "sums")
    signature = folder / "sums.asc"
    key = signing_key(settings_in(folder / "key"), say=lambda _: None)
    signature.write_bytes(detached(key, sums.read_bytes()))
    return with_files(medium, folder / "other.iso", {f"{_SUMS}.asc": signature})


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [(with_damage, "LiveOS/squashfs.img is damaged"), (signed_by_another_key, "not signed by")],
)
def test_it_is_refused(
    tmp_path: Path, medium: Path, spoil: Callable[[Path, Path], Path], sentence: str
) -> None:
    spoiled = with_answers(spoil(medium, tmp_path), tmp_path)
    disk = empty_disk(tmp_path / "disk0.img")
    hardware = Hardware([disk], spoiled, network=True)
    lines = install(f"appliance-{spoil.__name__}", hardware, tmp_path)
    assert lines[-1].startswith("failed: ")
    assert sentence in lines[-1]
    assert disk.stat().st_blocks == 0


def test_the_check_of_the_medium_says_which_file_is_damaged(tmp_path: Path, medium: Path) -> None:
    spoiled = with_answers(with_damage(medium, tmp_path), tmp_path)
    with boot("appliance-verify", Hardware(cdrom=spoiled), tmp_path) as machine:
        machine.choose(VERIFY)
        lines = said(machine)
    assert any("LiveOS/squashfs.img is damaged" in line for line in lines)


def test_a_whole_medium_passes_the_check(tmp_path: Path, medium: Path) -> None:
    with boot(
        "appliance-verify-whole", Hardware(cdrom=with_answers(medium, tmp_path)), tmp_path
    ) as machine:
        machine.choose(VERIFY)
        assert said(machine)[-1].startswith("finished")
