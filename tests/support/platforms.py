# SPDX-License-Identifier: Apache-2.0
"""The product's manifest with a few of its components, to build them alone."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parents[2]


class _Archive(NamedTuple):
    """A release that Debian has repacked.

    Attributes:
        path: in Debian's archive.
        requires: what the build takes from upstream's archive, and Debian's has not.
        options: of the build, without what Debian's has not.
        patches: likewise.
    """

    version: str
    path: str
    sha256: str
    requires: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    patches: tuple[Path, ...] = ()


# The last ones of bookworm-backports, which gets no more: their upstreams cannot be reached from
# everywhere, and point releases replace what stable has.
_POOL = {
    "kernel": _Archive(
        "6.12.95",
        "pool/main/l/linux/linux_{version}.orig.tar.xz",
        "82ee332c20307c8e75b59c2779f3d554c592f5efa454bacf1e58daced5199f89",
    ),
    "qemu": _Archive(
        "10.0.2",
        "pool/main/q/qemu/qemu_{version}+ds.orig.tar.xz",
        "0901da33844a331bf8b3602b9c1fbd178e60b737c8e3ade678255bd090c9b9f1",
        ("python3dist(meson)", "python3dist(pycotap)"),
        ("--disable-install-blobs",),
        (ROOT / "tests/support/repacked-qemu.patch",),
    ),
}


def project_with(folder: Path, components: Iterable[str]) -> Path:
    """Writes a project that has some of the product's components, and returns its folder.

    Args:
        folder: made for it.
        components: their names; nothing that they need of others is added.
    """
    shutil.copytree(ROOT / "files", folder / "files")
    for name in ("debian", "specs", "patches", "vendor"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
    data = yaml.safe_load((ROOT / "components.yaml").read_text())
    some = {name: data["components"][name] for name in components}
    text = yaml.safe_dump({"product": data["product"], "components": some}, sort_keys=False)
    (folder / "components.yaml").write_text(text)
    return folder


def take_from_pool(manifest: Path) -> None:
    """Replaces upstream's archives of Linux and QEMU by Debian's, of versions that its pool has.

    The manifest's patches are left out, as their server cannot be reached from everywhere.
    """
    data = yaml.safe_load(manifest.read_text())
    for name in _POOL.keys() & data["components"].keys():
        component, archive = data["components"][name], _POOL[name]
        component["version"] = archive.version
        component["changelog"][0]["version"] = f"{archive.version}-1"
        component["sources"][0] = {"debian-pool": archive.path, "sha256": archive.sha256}
        component["patches"] = [patch.name for patch in archive.patches]
        for patch in archive.patches:
            folder = manifest.parent / "patches" / name
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(patch, folder)
        component["build"]["requires"] += archive.requires
        component["build"].setdefault("options", []).extend(archive.options)
    manifest.write_text(yaml.safe_dump(data, sort_keys=False))
