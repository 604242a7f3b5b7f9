# SPDX-License-Identifier: Apache-2.0
"""Small binary packages and a published repository of them, made when a test needs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xsbuild.host import process
from xsbuild.repos.apt import write_apt_repository
from xsbuild.repos.signing import SigningKey

_CONTROL = """\
Package: {name}
Version: {version}
Architecture: all
Maintainer: Nobody <nobody@example.org>
{more}Description: sample
 A package for tests.
"""
_SCRIPT = "#!/bin/sh\nset -e\n{text}\n"


@dataclass(frozen=True)
class Deb:
    """What a binary package is made of.

    Attributes:
        name: its name.
        files: absolute path → text.
        config: those of `files` that are conffiles.
        scripts: ``postinst`` and its like → shell text.
        fields: more of its control file, as ``Depends``.
        version: its version.
    """

    name: str
    files: Mapping[str, str] = field(default_factory=dict)
    config: Sequence[str] = ()
    scripts: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    version: str = "1.0-1"

    def make(self, folder: Path) -> Path:
        """Builds it in a directory and returns the ``.deb``."""
        tree = folder / f"{self.name}_{self.version}.tree"
        control = tree / "DEBIAN"
        control.mkdir(parents=True)
        more = "".join(f"{key}: {value}\n" for key, value in self.fields.items())
        text = _CONTROL.format(name=self.name, version=self.version, more=more)
        (control / "control").write_text(text)
        if self.config:
            (control / "conffiles").write_text("".join(f"{path}\n" for path in self.config))
        for name, text in self.scripts.items():
            (control / name).write_text(_SCRIPT.format(text=text))
            (control / name).chmod(0o755)
        for path, text in self.files.items():
            place = tree / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        sums = ["md5sum", "--", *(path.lstrip("/") for path in self.files)]
        if self.files:
            (control / "md5sums").write_text(process.run(sums, cwd=tree).output)
        deb = folder / f"{self.name}_{self.version}_all.deb"
        process.run(["dpkg-deb", "--build", "--root-owner-group", "-Znone", tree, deb])
        return deb


def publish(folder: Path, debs: Sequence[Deb], key: SigningKey) -> Path:
    """Makes a signed repository of packages, as `xsbuild build` does."""
    made = folder / "debs"
    made.mkdir(parents=True)
    packages = [deb.make(made) for deb in debs]
    target = folder / "repository"
    target.mkdir()
    write_apt_repository(
        target,
        packages,
        suite="test",
        title="test",
        architectures=["amd64", "arm64"],
        key=key,
        epoch=1_700_000_000,
        location=f"file:{target}",
    )
    return target
