# SPDX-License-Identifier: Apache-2.0
"""Lock files: the package name of each capability on a distro, as reviewed and committed."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import yaml

from xsbuild.distros.model import IndexStamp
from xsbuild.errors import InputError
from xsbuild.host.files import write_file
from xsbuild.manifest.requirement import CapabilityField
from xsbuild.strict import Strict
from xsbuild.texts import PackageName, PackageVersion, Word
from xsbuild.yamlfile import load

_HEADER = """\
# SPDX-License-Identifier: Apache-2.0
# Made by `xsbuild lock --distro {distro}`; its changes are reviewed like code.
"""


class Locked(Strict):
    """The package of a capability, and its version when locked."""

    package: PackageName
    version: PackageVersion


class ProviderFacts(Strict):
    """The distro's own packages of a component that it might provide.

    Attributes:
        version: the version of their source package; None if the distro has none.
        missing: capabilities of `provider.offers` that the distro lacks.
    """

    version: PackageVersion | None = None
    missing: tuple[CapabilityField, ...] = ()


class Lock(Strict):
    """One distro's lock.

    Attributes:
        distro: the distro's name.
        index: the state of the archives it was made from.
        capabilities: capability → its package.
        missing: capabilities of the manifest that the distro lacks.
        providers: component → the distro's own packages of it.
        packages: the distro's own packages that are named like those of components → version.
    """

    distro: Word
    index: IndexStamp
    capabilities: dict[CapabilityField, Locked] = {}
    missing: tuple[CapabilityField, ...] = ()
    providers: dict[Word, ProviderFacts] = {}
    packages: dict[PackageName, PackageVersion] = {}

    @property
    def epochs(self) -> dict[str, str]:
        """Package → the epoch of its version, empty without one."""
        # A capability's own version has no epoch, while its package's may.
        found: dict[str, str] = {}
        for item in self.capabilities.values():
            epoch, colon, _ = item.version.partition(":")
            found[item.package] = epoch if colon else found.get(item.package, "")
        return found

    def package_versions(self, newer: Callable[[str, str], bool]) -> dict[str, str]:
        """Return package of the distro → its version, as far as the lock knows.

        Args:
            newer: whether one version is later than another. Of several the latest counts: a
                capability's own version lacks the epoch of its package.
        """
        found = dict(self.packages)
        for item in self.capabilities.values():
            if item.package not in found or newer(item.version, found[item.package]):
                found[item.package] = item.version
        return found

    def outdated(self, archives: str) -> str | None:
        """Return a notice that the archives are newer than the lock, or None.

        Args:
            archives: their state, as `IndexStamp.hash`.
        """
        if archives == self.index.hash:
            return None
        return (
            f"{self.distro}: the archives are newer than the lock, which is of {self.index.date}; "
            f"`xsbuild lock --distro {self.distro}` updates it"
        )


def lock_file(folder: Path, distro: str) -> Path:
    """Return the path of a distro's lock file."""
    return folder / f"{distro}.yaml"


def load_lock(file: Path) -> Lock:
    """Read a lock.

    Raises:
        InputError: there is none.
        ProblemsError: it is not a valid lock file.
    """
    if not os.path.lexists(file):
        hint = f"make it with `xsbuild lock --distro {file.stem}`"
        raise InputError(f"{file.stem} has no lock {file}", hint=hint, code="XSB-LOCK-MISSING")
    return load(file, Lock, within=file.parent.parent)


def find_lock(file: Path) -> Lock | None:
    """Read a lock file; None if there is none.

    Raises:
        ProblemsError: with everything that is wrong in it.
    """
    return load_lock(file) if os.path.lexists(file) else None


def save_lock(lock: Lock, file: Path) -> None:
    """Write a lock, sorted: equal locks are equal files."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_file(file, format_lock(lock))


def format_lock(lock: Lock) -> str:
    """Return a lock as YAML, one capability a line."""
    data = lock.model_dump(mode="json", by_alias=True)
    head = {"distro": lock.distro, "index": {"date": lock.index.date, "hash": lock.index.hash}}
    parts = [_dump(head), _dump({"capabilities": data["capabilities"]})]
    if lock.missing:
        parts.append(_dump({"missing": sorted(data["missing"])}, flow=False))
    if lock.providers:
        parts.append(_dump({"providers": data["providers"]}, flow=False))
    if lock.packages:
        parts.append(_dump({"packages": data["packages"]}, flow=False))
    return _HEADER.format(distro=lock.distro) + "".join(parts)


def _dump(data: Mapping[str, object], *, flow: bool | None = None) -> str:
    return yaml.safe_dump(
        data, default_flow_style=flow, sort_keys=True, width=1000, allow_unicode=True
    )


def diff_locks(old: Lock | None, new: Lock) -> list[str]:
    """List the changes between two locks, one a line; a new date is no change."""
    before = old or Lock(distro=new.distro, index=new.index)
    lines = [*_diff_capabilities(before, new), *_diff_missing(before, new)]
    for name, was, now in _changes(before.providers, new.providers):
        lines.append(f"~ provider {name}: {_describe(was)} → {_describe(now)}")
    for name, had, has in _changes(before.packages, new.packages):
        lines.append(f"~ own package {name}: {had or 'not there'} → {has or 'not there'}")
    return lines


def _diff_capabilities(old: Lock, new: Lock) -> Iterator[str]:
    for capability, was, now in _changes(old.capabilities, new.capabilities):
        if was is None and now is not None:
            yield f"+ {capability}: {now.package} {now.version}"
        elif now is None and was is not None:
            yield f"- {capability}: was {was.package} {was.version}"
        elif was is not None and now is not None and was.package == now.package:
            yield f"~ {capability}: {now.package} {was.version} → {now.version}"
        elif was is not None and now is not None:
            yield (
                f"! {capability}: another package: "
                f"{was.package} {was.version} → {now.package} {now.version}"
            )


def _diff_missing(old: Lock, new: Lock) -> Iterator[str]:
    gone, found = set(new.missing) - set(old.missing), set(old.missing) - set(new.missing)
    for capability in sorted(gone, key=str):
        yield f"! {capability}: not in {new.distro}"
    for capability in sorted(found, key=str):
        yield f"+ {capability}: no longer missing"


_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def _changes(
    old: Mapping[_Key, _Value], new: Mapping[_Key, _Value]
) -> Iterator[tuple[_Key, _Value | None, _Value | None]]:
    for key in sorted({*old, *new}, key=str):
        if old.get(key) != new.get(key):
            yield key, old.get(key), new.get(key)


def _describe(facts: ProviderFacts | None) -> str:
    if facts is None:
        return "not looked at"
    missing = f", without {', '.join(map(str, facts.missing))}" if facts.missing else ""
    return (facts.version or "not there") + missing
