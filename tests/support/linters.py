# SPDX-License-Identifier: Apache-2.0
"""lintian and rpmlint over packages, with the settings in `lint/`.

Overrides are those that the packages bring, with their reasons; findings that make no sense for any
package of ours are in the settings, with theirs.
"""

import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from xsbuild.host import process

SETTINGS = Path(__file__).parent / "lint"
_RPMLINT = ("rpmlint", "--config", SETTINGS / "rpmlint.toml")


def lint_debs(store: Path, repository: Path) -> None:
    """Lints the results of a store, and the meta-packages of a repository."""
    changes = [*store.glob("*/*/*.changes")]
    assert changes
    lintian([*changes, *_metas(store, repository, "*.deb")])


def lint_rpms(store: Path, repository: Path) -> None:
    """Lints the results of a store with their source packages, and meta-packages."""
    sources = [*store.glob("*/*/*.src.rpm")]
    assert sources
    for source in sources:
        rpmlint(source.parent.glob("*.rpm"))
    rpmlint(_metas(store, repository, "*.rpm"))


def _metas(store: Path, repository: Path, pattern: str) -> list[Path]:
    built = {file.name for file in store.glob(f"*/*/{pattern}")}
    return [file for file in repository.rglob(pattern) if file.name not in built]


def lintian(files: Iterable[Path]) -> None:
    """Fails where lintian finds an error in packages: .changes with all they list, .deb, .dsc."""
    tags = SETTINGS / "lintian-suppressed"
    settings = ("--no-cfg", "--allow-root", "--fail-on", "error", "--suppress-tags-from-file", tags)
    process.run(["lintian", *settings, *sorted(files)])


def rpmlint(files: Iterable[Path]) -> None:
    """Fails where rpmlint finds an error in the packages of one component, its .src.rpm included.

    Overrides that override nothing are errors, too.
    """
    with tempfile.TemporaryDirectory() as place:
        for file in files:
            Path(place, file.name).symlink_to(file.resolve())
        overrides = _overrides(Path(place))
        process.run([*_RPMLINT, *_with(overrides), place])


def rpmlint_specs(specs: Iterable[Path]) -> None:
    """Fails where rpmlint finds an error in spec files, each in a folder with its sources."""
    with tempfile.TemporaryDirectory() as place:
        overrides = Path(place, "rpmlintrc")
        specs = sorted(specs)
        texts = (file.read_text() for spec in specs for file in spec.parent.glob("*-rpmlintrc"))
        overrides.write_text("".join(texts))
        # Those of binary packages have nothing to override here.
        process.run([*_RPMLINT, "--ignore-unused-rpmlintrc", *_with([overrides]), *specs])


def _with(overrides: list[Path]) -> list[str | Path]:
    return [word for file in overrides for word in ("--rpmlintrc", file)]


def _overrides(folder: Path) -> list[Path]:
    """The overrides that a source package in a folder has, unpacked."""
    for source in folder.glob("*.src.rpm"):
        process.run(["rpm2archive", source])
        with tarfile.open(f"{source}.tgz") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content and member.name.endswith("-rpmlintrc"):
                    (folder / Path(member.name).name).write_bytes(content.read())
    return sorted(folder.glob("*-rpmlintrc"))
