# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from capabilities.conftest import DATA
from capabilities.test_lock import lock
from xsbuild.capabilities.lockfile import ProviderFacts, lock_file, save_lock
from xsbuild.checks.manifest import check_locks
from xsbuild.project import Project
from xsbuild.settings import Folders, Settings


def project(folder: Path) -> Project:
    text = (DATA / "components.yaml").read_text(encoding="utf-8")
    (folder / "components.yaml").write_text(text, encoding="utf-8")
    return Project(folder / "components.yaml", Settings(Folders(folder, folder, folder)))


def test_a_lock_that_the_manifest_has_outgrown(tmp_path: Path) -> None:
    old = lock(
        {"bin(xl)": ("xen-utils", "4.20")},
        missing=("file(/etc/gone)",),
        providers={"xen": ProviderFacts(), "ocaml": ProviderFacts()},
    )
    save_lock(old, lock_file(tmp_path / "locks", "debian-12"))
    found = [(name, item.component, item.text) for name, item in check_locks(project(tmp_path))]
    assert found == [
        (
            "debian-12",
            "xen, daemon",
            "pkgconfig(xencontrol); `xsbuild lock --distro debian-12` looks it up",
        ),
        (
            "debian-12",
            "make",
            "whether debian-12 provides it; `xsbuild lock --distro debian-12`",
        ),
    ]


def test_no_locks(tmp_path: Path) -> None:
    assert list(check_locks(project(tmp_path))) == []
