# SPDX-License-Identifier: Apache-2.0
"""The root of an appliance: a base chroot, the distro's packages as a layer, and ours over it.

An installation copies the root as it is on the medium. It is bound to no machine: no keys, no
identity, no password, and an initrd with all drivers.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xsbuild.appliance.family import RootFamily, root_family
from xsbuild.appliance.model import Order, Step
from xsbuild.appliance.place import put_files, shipped_files
from xsbuild.appliance.settle import make_initrds, settle
from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.builder import REPOSITORY
from xsbuild.buildroots.buildroot import Buildroot, buildroot
from xsbuild.buildroots.layers import Layers, over
from xsbuild.installtest.family import manager_family
from xsbuild.installtest.model import LEFT_RUNNING, PackageManager, Place
from xsbuild.store.keys import Json

# Incremented when `_install_distro` makes another layer of the same inputs.
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class _Open:
    """A root with its package manager."""

    root: Buildroot
    manager: PackageManager


@contextmanager
def appliance_root(
    order: Order, base: Base, layers: Path, scratch: Path, step: Step
) -> Iterator[Buildroot]:
    """Hold the root of an appliance, complete.

    Args:
        order: the appliance.
        base: of the variant for installing.
        layers: the folder of layers.
        scratch: an existing empty directory, removed by the caller.
        step: called with each step.

    Raises:
        PackagesError: packages cannot be installed, or a repository's signature is wrong.
    """
    family = root_family(order.distro.family)
    wanted = _wanted(order, base, scratch)
    inputs = _inputs(base, wanted.theirs)

    def install(work: Path) -> list[str]:
        step(f"install {len(wanted.theirs)} packages of {order.distro.title}")
        with _opened(order, base, work) as place:
            return _install_distro(order, place, family, wanted.theirs)

    with (
        Layers(layers).use(inputs, install) as layer,
        _opened(order, base, _folder(scratch, "root"), layer) as place,
    ):
        step(f"install {len(wanted.ours)} packages of {order.repository}")
        place.manager.update()
        place.manager.download(order.packages)
        place.manager.install(order.packages)
        step("configure the root")
        make_initrds(place.root, family, order.log)
        settle(order, place.root, family, list(wanted.theirs))
        yield place.root


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The packages of a root over its base: name → version, by where they come from."""

    ours: Mapping[str, str]
    theirs: Mapping[str, str]


def _wanted(order: Order, base: Base, scratch: Path) -> _Wanted:
    with _opened(order, base, _folder(scratch, "plan")) as place:
        place.manager.update()
        offered = place.manager.offered()
        plan = place.manager.plan(order.packages)
    ours = {name: version for name, version in plan.items() if name in offered}
    theirs = {name: version for name, version in plan.items() if name not in offered}
    return _Wanted(ours, theirs)


def _inputs(base: Base, packages: Mapping[str, str]) -> dict[str, Json]:
    files: dict[str, Json] = {path: data.decode() for path, data in shipped_files()}
    versions: dict[str, Json] = dict(packages)
    purpose = {"appliance": _FORMAT}
    return {**over(base), "purpose": purpose, "packages": versions, "files": files}


def _install_distro(
    order: Order, place: _Open, family: RootFamily, packages: Mapping[str, str]
) -> list[str]:
    family.slim(place.root)
    put_files(place.root)
    names = list(packages)
    if names:
        place.manager.update()
        place.manager.download(names)
        place.manager.install(names)
    make_initrds(place.root, family, order.log)
    return [f"{name}={version}" for name, version in place.manager.installed().items()]


def _folder(scratch: Path, name: str) -> Path:
    folder = scratch / name
    folder.mkdir()
    return folder


@contextmanager
def _opened(order: Order, base: Base, scratch: Path, *layers: Path) -> Iterator[_Open]:
    binds = {LEFT_RUNNING: "/xsbuild/left-running", order.repository: str(REPOSITORY)}
    with base.in_use(), buildroot(base, scratch, *layers, binds=binds) as root:
        place = Place(
            order.distro, order.repository, base, root, None, order.network, scratch, order.log
        )
        yield _Open(root, manager_family(order.distro.family).manager(place))
