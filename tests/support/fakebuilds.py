# SPDX-License-Identifier: Apache-2.0
"""A project of three components, and a builder that puts what a test says into their packages.

It says that the base's packages and those in the file ``installed`` are installed, if that exists.
Everything but the buildroot is real: sources, recipes, keys, the store, repositories.
"""

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xsbuild.buildroots.base_chroots import Base, Variant
from xsbuild.buildroots.builder import BuildRequest
from xsbuild.buildroots.debbase import DebBaseBuilder
from xsbuild.cli.build import command
from xsbuild.cli.context import Context
from xsbuild.errors import BuildError
from xsbuild.host import process
from xsbuild.project import Project
from xsbuild.settings import load_settings

DISTRO = "debian-13"
_HEAD = """\
product:
  name: product
  title: Product
  homepage: https://example.org/
  license: MIT
  maintainer: A <a@example.org>
  version: "1"
  date: 2026-11-22
meta-packages:
  everything: {summary: All of it, description: All., requires: [user]}
components:
"""
_COMPONENT = """\
  {name}:
    summary: The component {name}
    description: A component.
    homepage: https://example.org/
    license: MIT
    copyright: ["2026 A"]
    version: "1.0"
    sources: [{{local: src/{name}}}]
    build: {{system: make, requires: {requires}}}
    packages:
      {name}: {{architecture: all, files: ["{{datadir}}/{name}/"]}}
    changelog: [{{version: 1.0-1, date: 2026-11-22, changes: [First]}}]
"""
_LOCK = """\
distro: {distro}
index: {{date: 2026-11-22, hash: "{zeros}"}}
"""
_CONTROL = """\
Package: {name}
Version: 1.0-1~deb13
Architecture: all
Maintainer: A <a@example.org>
Description: package of {name}
"""


class FakeBuilder:
    """Makes packages without a buildroot; what is in them is in the project, at ``out/NAME``."""

    name = "fake"

    def options(self) -> dict[str, str]:
        """None."""
        return {}

    def build(self, request: BuildRequest, base: Base, step: Callable[[str], None]) -> None:
        """Makes the package of a component and notes that it did."""
        assert base.path.is_dir()
        step("fake")
        home = Path(os.environ["FAKE_PROJECT"])
        installed = home / "installed"
        if installed.exists():
            packages = base.packages.read_text() + installed.read_text()
            if not request.proceed(sorted(packages.splitlines())):
                return
        request.log.write_text(f"making {request.component}\n")
        tree = request.scratch / "tree"
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN/control").write_text(_CONTROL.format(name=request.component))
        content = home / "out" / request.component
        if not content.exists():
            raise BuildError(
                "it broke\nin the last line",
                component=request.component,
                step="fake",
                log=request.log,
                code="XSB-BUILD-FAILED",
            )
        (tree / request.component).write_bytes(content.read_bytes())
        file = request.results / f"{request.component}_1.0-1~deb13_all.deb"
        env = {"SOURCE_DATE_EPOCH": str(request.epoch)}
        process.run(["dpkg-deb", "--root-owner-group", "--build", tree, file], env=env)
        with (home / "built").open("a") as stream:
            stream.write(f"{request.component}\n")


@dataclass(frozen=True)
class Shop:
    """A project that can be built without a chroot.

    Attributes:
        root: its folder.
        cache: of whoever builds.
        config: of whoever builds.
    """

    root: Path
    cache: Path
    config: Path

    @property
    def project(self) -> Project:
        """As a new process reads it."""
        return Project(self.root / "components.yaml", load_settings())

    @property
    def base(self) -> Path:
        """The generation of the base chroot that builds use."""
        return next(self.cache.glob("bases/*/current")).resolve()

    def build(self, *args: str) -> Result:
        """Types ``xsbuild build``."""
        context = Context(self.root / "components.yaml")
        return CliRunner().invoke(command, ["-d", DISTRO, *args], obj=context)

    def built(self) -> list[str]:
        """The components that were built since this was last asked."""
        file = self.root / "built"
        names = file.read_text().split() if file.exists() else []
        file.unlink(missing_ok=True)
        return names


def make_shop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Makes the project in an empty folder, and its builder the default one."""
    for name in ("XSBUILD_CACHE", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(folder / name.lower()))
    root = folder / "project"
    monkeypatch.setenv("FAKE_PROJECT", str(root))
    monkeypatch.setattr("xsbuild.buildroots.deb.builders", {"pbuilder": FakeBuilder})
    text = _HEAD
    (root / "out").mkdir(parents=True)
    for name, requires in {"base": "[]", "user": "[base]", "other": "[]"}.items():
        text += _COMPONENT.format(name=name, requires=requires)
        (root / "src" / name).mkdir(parents=True)
        (root / "src" / name / "Makefile").write_text("all:\n")
        (root / "out" / name).write_text(name)
    (root / "components.yaml").write_text(text)
    (root / "locks").mkdir()
    (root / "locks" / f"{DISTRO}.yaml").write_text(_LOCK.format(distro=DISTRO, zeros="0" * 64))
    shop = Shop(root, folder / "xsbuild_cache", folder / "xdg_config_home/xsbuild")
    make_base(shop)
    return shop


def make_base(shop: Shop, generation: str = "1", packages: str = "base-files=13\n") -> None:
    """Makes what stands for a base chroot, checked right now, and switches to it."""
    project = shop.project
    distro = project.distros.get(DISTRO)
    maker = DebBaseBuilder(distro, Variant.BUILD, project.settings)
    owner = "user" if os.geteuid() else "root"
    machine = distro.architectures[platform.machine()]
    kept = shop.cache / f"bases/{DISTRO}-build-{machine}-{owner}"
    (kept / generation / "root").mkdir(parents=True)
    texts = {"packages.txt": packages, "release.txt": f"{'0' * 64}  InRelease\n"}
    texts |= {"recipe.txt": maker.recipe(), "checked": "", "in-use": ""}
    for name, content in texts.items():
        (kept / generation / name).write_text(content)
    (kept / "current").unlink(missing_ok=True)
    (kept / "current").symlink_to(generation)
