# SPDX-License-Identifier: Apache-2.0
"""An install test from the choice of packages to its outcome."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from textwrap import indent

from xsbuild.buildroots.base import Variant, ensure_base
from xsbuild.distros.model import Distro
from xsbuild.engine.events import Event, Kind, Listener, ShowProgress
from xsbuild.engine.prepare import log_file
from xsbuild.errors import InputError, XsbuildError
from xsbuild.host.scratch import owned_folder, sweep
from xsbuild.installtest.checks import CHECKS
from xsbuild.installtest.family import manager_family
from xsbuild.installtest.run_checks import Order, Outcome, offered_packages, run_checks
from xsbuild.manifest.family_names import family_names
from xsbuild.manifest.model import Manifest
from xsbuild.manifest.requirement import INTERNAL
from xsbuild.project import Project
from xsbuild.yamlfile import nearest

_BASE = "base chroot"
_DAY = 24 * 3600


class InstallTestError(XsbuildError):
    """Published packages do not behave when they are installed."""


@dataclass(frozen=True, slots=True)
class InstallTest:
    """The outcome of an install test.

    Attributes:
        title: the distro's.
        targets: what was installed.
        outcomes: of each check, in order.
        log: what the package manager printed.
        warnings: what a user should know of the repository.
    """

    title: str
    targets: tuple[str, ...]
    outcomes: Sequence[Outcome]
    log: Path
    warnings: tuple[str, ...] = ()

    def raise_if_failed(self) -> None:
        """Raise InstallTestError, with every failure and its reason, where there are any."""
        failed = [
            indent(f"{outcome.check}: {failure}", "  ")
            for outcome in self.outcomes
            for failure in outcome.failures
        ]
        if failed:
            count = "1 failure" if len(failed) == 1 else f"{len(failed)} failures"
            raise InstallTestError(
                "\n".join([f"{', '.join(self.targets)} on {self.title}: {count}", *failed]),
                hint=f"full log: {self.log}",
                code="XSB-TEST-FAILED",
            )


def run_install_test(
    project: Project,
    distro: Distro,
    named: Sequence[str],
    show_progress: ShowProgress,
    *,
    http: bool,
) -> InstallTest:
    """Install published packages in a fresh chroot and check them.

    Args:
        project: whose results are tried.
        distro: for which distro.
        named: packages of the repository; empty for the default, see `install_targets`.
        show_progress: shows the progress of the checks.
        http: reach the repository through a web server on loopback, else as files.

    Raises:
        InputError: there is no repository, or it lacks what was named.
        XsbuildError: the chroot cannot be made. What the checks find is no exception.
    """
    settings, manifest = project.settings, project.manifest_for(distro.family)
    repository = project.results / distro.name
    own = family_names(project.manifest, distro.family)
    named = [own.get(name, name) for name in named]
    targets = install_targets(manifest, offered_packages(distro, repository), named)
    order = Order(distro, repository, targets, manifest_users(manifest), http, not settings.offline)
    log = log_file(project, f"test-install@{distro.name}")
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    sweep(settings.folders.work)
    with (
        owned_folder(settings.folders.work) as scratch,
        show_progress(len(CHECKS) + 1, {}, 1) as report,
    ):
        report(Event(Kind.STARTED, _BASE))
        step = partial(_step, report)
        base = ensure_base(distro, Variant.INSTALL, settings, step=step, log=log)
        report(Event(Kind.DONE, _BASE))
        outcomes = run_checks(order, base, scratch, log, report)
    published = manager_family(distro.family).published_at(repository)
    warnings = age_warnings(repository, published, time.time(), settings.limits.repository_age)
    return InstallTest(distro.title, targets, outcomes, log, tuple(warnings))


def age_warnings(
    repository: Path, published: float | None, now: float, limit: int
) -> Iterator[str]:
    """Warn of a repository that is older than a limit, as a mirror may withhold updates.

    Args:
        repository: its folder.
        published: the time in its index, in seconds since 1970.
        now: likewise.
        limit: greatest age in seconds.
    """
    if published is not None and now - published > limit:
        days, most = int((now - published) // _DAY), limit // _DAY
        yield f"{repository} was published {days} days ago (limit `repository-age`: {most} days)"


def _step(report: Listener, text: str) -> None:
    report(Event(Kind.STEP, _BASE, text))


def install_targets(
    manifest: Manifest, offered: Collection[str], named: Sequence[str]
) -> tuple[str, ...]:
    """Return the packages to install.

    Args:
        manifest: says what a meta-package needs.
        offered: the packages in the repository.
        named: by the user; empty for every meta-package that has all its parts in the repository,
            and where there is none, every package.

    Raises:
        InputError: the repository lacks what the user names, or is empty.
    """
    for name in named:
        if name not in offered:
            hint = nearest(name, list(offered)) or f"it has {', '.join(sorted(offered))}"
            raise InputError(
                f"the repository has no package {name}",
                hint=hint,
                code="XSB-USAGE-NOTHING-PUBLISHED",
            )
    if named:
        return tuple(named)
    complete = [name for name in manifest.meta_packages if _is_complete(name, manifest, offered)]
    targets = tuple(complete or sorted(offered))
    if not targets:
        raise InputError(
            "the repository is empty",
            hint="`xsbuild build` fills it",
            code="XSB-USAGE-NOTHING-PUBLISHED",
        )
    return targets


def _is_complete(name: str, manifest: Manifest, offered: Collection[str]) -> bool:
    """Return whether the repository has a package, or one that provides it, with all it needs."""
    if name not in offered:
        return any(provider in offered for provider in _providers(name, manifest))
    meta = manifest.meta_packages.get(name)
    return all(
        any(
            item.capability.kind != INTERNAL
            or _is_complete(item.capability.name, manifest, offered)
            for item in requirement.alternatives
        )
        for requirement in (meta.requires if meta else ())
    )


def _providers(virtual: str, manifest: Manifest) -> Iterator[str]:
    for component in manifest.components.values():
        for name, package in component.packages.items():
            if any(item.capability.name == virtual for item in package.provides):
                yield name


def manifest_users(manifest: Manifest) -> Mapping[str, tuple[str, ...]]:
    """Return package → the users that it makes."""
    return {
        name: tuple(user.name for user in package.users)
        for component in manifest.components.values()
        for name, package in component.packages.items()
        if package.users
    }
