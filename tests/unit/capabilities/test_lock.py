# SPDX-License-Identifier: Apache-2.0
import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.capabilities.lockfile import (
    Lock,
    Locked,
    ProviderFacts,
    diff_locks,
    format_lock,
    load_lock,
    save_lock,
)
from xsbuild.distros.model import IndexStamp
from xsbuild.errors import InputError, ProblemsError
from xsbuild.manifest.requirement import Capability, parse_capability

STAMP = IndexStamp(date=datetime.date(2026, 11, 21), hash="a" * 64)


def lock(
    packages: dict[str, tuple[str, str]],
    missing: tuple[str, ...] = (),
    providers: dict[str, ProviderFacts] | None = None,
) -> Lock:
    return Lock(
        distro="debian-12",
        index=STAMP,
        capabilities={
            parse_capability(text): Locked(package=package, version=version)
            for text, (package, version) in packages.items()
        },
        missing=tuple(map(parse_capability, missing)),
        providers=providers or {},
    )


OLD = lock({"bin(cmake)": ("cmake", "3.25"), "lib(jpeg)": ("libjpeg62-dev", "2")}, ("bin(new)",))
NEW = lock(
    {
        "bin(cmake)": ("cmake", "3.31"),
        "lib(jpeg)": ("libjpeg-dev", "2"),
        "bin(new)": ("new", "1.0"),
    },
    ("lib(gone)",),
    {"xen": ProviderFacts(version="4.17", missing=(Capability("bin", "xl"),))},
)


def test_a_lock_is_one_sorted_line_a_capability(tmp_path: Path) -> None:
    file = tmp_path / "locks/debian-12.yaml"
    save_lock(NEW, file)
    assert file.read_text(encoding="utf-8").splitlines()[2:] == [
        "distro: debian-12",
        f"index: {{date: 2026-11-21, hash: {'a' * 64}}}",
        "capabilities:",
        "  bin(cmake): {package: cmake, version: '3.31'}",
        "  bin(new): {package: new, version: '1.0'}",
        "  lib(jpeg): {package: libjpeg-dev, version: '2'}",
        "missing:",
        "- lib(gone)",
        "providers:",
        "  xen:",
        "    missing:",
        "    - bin(xl)",
        "    version: '4.17'",
    ]
    assert load_lock(file) == NEW
    assert [path.name for path in file.parent.iterdir()] == ["debian-12.yaml"]


names = st.text("abz0.:+~-/_", min_size=1, max_size=12)
packages = st.text("abz0.+-_", max_size=12).map("x{}".format)
versions = st.text("abz0.:+~-_", min_size=1, max_size=12)


@given(st.dictionaries(names, st.tuples(packages, versions), max_size=4))
def test_any_name_and_version_survive(answers: dict[str, tuple[str, str]]) -> None:
    import tempfile

    made = lock({f"bin({name})": answer for name, answer in answers.items()})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "debian-12.yaml"
        save_lock(made, file)
        assert load_lock(file) == made
        assert file.read_text(encoding="utf-8") == format_lock(load_lock(file))


def test_diff() -> None:
    assert diff_locks(OLD, NEW) == [
        "~ bin(cmake): cmake 3.25 → 3.31",
        "+ bin(new): new 1.0",
        "! lib(jpeg): another package: libjpeg62-dev 2 → libjpeg-dev 2",
        "! lib(gone): not in debian-12",
        "+ bin(new): no longer missing",
        "~ provider xen: not looked at → 4.17, without bin(xl)",
    ]
    assert diff_locks(NEW, NEW) == []
    assert diff_locks(NEW, lock({}))[0] == "- bin(cmake): was cmake 3.31"
    assert diff_locks(None, OLD)[0] == "+ bin(cmake): cmake 3.25"


def test_absent(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_lock(tmp_path / "debian-13.yaml")
    assert caught.value.hint == "make it with `xsbuild lock --distro debian-13`"


def test_wrong(tmp_path: Path) -> None:
    file = tmp_path / "debian-12.yaml"
    file.write_text(
        f"distro: debian-12\nindex: {{date: 2026-11-21, hash: {'a' * 64}}}\n"
        "capabilities:\n  bim(cmake): {package: cmake, version: '3.31'}\n",
        encoding="utf-8",
    )
    with pytest.raises(ProblemsError, match="unknown kind 'bim'"):
        load_lock(file)
