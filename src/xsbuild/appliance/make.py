# SPDX-License-Identifier: Apache-2.0
"""Make the files of an appliance from the published repository of a distro."""

from collections.abc import Sequence
from pathlib import Path

from xsbuild.appliance.medium import make_medium
from xsbuild.appliance.model import Order, Step
from xsbuild.appliance.root import appliance_root
from xsbuild.buildroots.base import Variant, ensure_base
from xsbuild.distros.model import Distro
from xsbuild.engine.prepare import log_file
from xsbuild.errors import InputError
from xsbuild.host.files import storage
from xsbuild.host.scratch import owned_folder, remove, sweep
from xsbuild.installtest.family import manager_family
from xsbuild.installtest.run_checks import offered_packages
from xsbuild.manifest.family_names import family_names
from xsbuild.project import Project
from xsbuild.repos.signing import KEY, signing_key
from xsbuild.yamlfile import nearest

FOLDER = "appliance"


def make_appliance(
    project: Project, distro: Distro, name: str, answers: Path | None, step: Step
) -> Path:
    """Make the medium of an appliance.

    Args:
        project: whose published repository is used.
        distro: the base.
        name: the appliance's.
        answers: an answer file for the medium.
        step: called with each step.

    Returns:
        The image, in dist/appliance.

    Raises:
        InputError: nothing of that name, or its packages are not published.
        XsbuildError: a package cannot be installed, or a program failed.
    """
    order = order_of(project, distro, name)
    settings = project.settings
    key = signing_key(settings, say=step)
    if key.public != (order.repository / KEY).read_bytes():
        raise InputError(
            f"the repository {order.repository} is signed by another key",
            hint=f"`xsbuild build --distro {distro.name}` signs it again",
            code="XSB-APPLIANCE-KEY",
        )
    folder = project.results / FOLDER
    with storage(folder):
        folder.mkdir(parents=True, exist_ok=True)
    sweep(settings.folders.work)
    sweep(folder / "new")
    base = ensure_base(distro, Variant.INSTALL, settings, step=step, log=order.log)
    with (
        owned_folder(settings.folders.work) as scratch,
        owned_folder(folder / "new") as work,
        appliance_root(order, base, settings.folders.layers, scratch, step) as root,
    ):
        image, pxe = make_medium(order, root, key, answers, work, step)
        remove(folder / pxe.name)
        pxe.replace(folder / pxe.name)
        return image.replace(folder / image.name)


def order_of(project: Project, distro: Distro, name: str) -> Order:
    """Return the order of an appliance.

    Raises:
        InputError: the manifest has none of that name, or its packages are not published.
    """
    known = project.manifest.appliances
    if name not in known:
        raise InputError(
            f"the manifest has no appliance {name}",
            hint=nearest(name, list(known)) or f"it has {', '.join(known) or 'none'}",
            code="XSB-APPLIANCE-UNKNOWN",
        )
    repository = project.results / distro.name
    offered = offered_packages(distro, repository)
    own = family_names(project.manifest, distro.family)
    packages = [own.get(one, one) for one in known[name].packages]
    _check_published(name, [one for one in packages if one not in offered], distro)
    log = log_file(project, f"{name}@{distro.name}")
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    return Order(
        name=name,
        appliance=known[name],
        distro=distro,
        repository=repository.resolve(),
        packages=tuple(packages),
        version=project.manifest.product.version,
        epoch=int(manager_family(distro.family).published_at(repository) or 0),
        network=not project.settings.offline,
        log=log,
    )


def _check_published(name: str, missing: Sequence[str], distro: Distro) -> None:
    if missing:
        raise InputError(
            f"{name}: not published for {distro.title}: {', '.join(missing)}",
            hint=f"`xsbuild build --distro {distro.name} {' '.join(missing)}` does that",
            code="XSB-USAGE-NOTHING-PUBLISHED",
        )
