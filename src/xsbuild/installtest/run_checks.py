# SPDX-License-Identifier: Apache-2.0
"""Run the checks of an install test in a fresh chroot."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from xsbuild.buildroots.base import Base
from xsbuild.buildroots.builder import REPOSITORY
from xsbuild.buildroots.buildroot import buildroot
from xsbuild.distros.model import Distro
from xsbuild.engine.events import Event, Kind, Listener
from xsbuild.errors import InputError
from xsbuild.installtest.checks import CHECKS, NEEDED, Check, Trial
from xsbuild.installtest.family import manager_family
from xsbuild.installtest.model import LEFT_RUNNING, Failure, PackagesError, Place


@dataclass(frozen=True, slots=True)
class Order:
    """The packages to test, and options.

    Attributes:
        distro: for which distro.
        repository: the published repository.
        targets: packages of it.
        users: package → users that it has to make.
        http: reach it through a web server on the loopback interface, else as files.
        network: the distro's archive may be asked for packages.
    """

    distro: Distro
    repository: Path
    targets: tuple[str, ...]
    users: Mapping[str, Sequence[str]]
    http: bool = False
    network: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one check.

    Attributes:
        check: its name.
        packages: how many packages of ours it looked at.
        failures: what it found.
        seconds: how long it took.
        ran: False where an earlier one failed that it cannot do without.
        note: what else to know of it.
    """

    check: str
    packages: int
    failures: tuple[Failure, ...]
    seconds: float
    ran: bool = True
    note: str = ""

    @property
    def result(self) -> str:
        """One word."""
        if not self.ran:
            return "not run"
        return "failed" if self.failures else "passed"


def run_checks(
    order: Order, base: Base, scratch: Path, log: Path, report: Listener
) -> list[Outcome]:
    """Try packages in a fresh copy of a base.

    Args:
        order: what is to be tried.
        base: of the variant for installing.
        scratch: an existing empty directory, removed by its owner afterwards.
        log: takes everything that the package manager prints.
        report: called when a check starts and ends, with the check's name as task.

    Returns:
        How each check ended, in order.
    """
    outcomes: list[Outcome] = []
    lost: str | None = None
    with _trial(order, base, scratch, log) as trial:
        for check in CHECKS:
            name = check.__name__
            if lost:
                report(Event(Kind.SKIPPED, name, f"{lost} failed"))
                outcomes.append(Outcome(name, 0, (), 0.0, ran=False))
                continue
            report(Event(Kind.STARTED, name))
            outcome = _run(check, trial)
            outcomes.append(outcome)
            report(Event(Kind.FAILED if outcome.failures else Kind.DONE, name))
            if outcome.failures and check in NEEDED:
                lost = name
    return outcomes


def _run(check: Check, trial: Trial) -> Outcome:
    start = time.monotonic()
    try:
        failures = tuple(check(trial))
    except PackagesError as error:
        failures = error.failures
    seconds = round(time.monotonic() - start, 2)
    name = check.__name__
    packages = len(trial.ours or trial.targets)
    return Outcome(name, packages, failures, seconds, note=trial.notes.get(name, ""))


@contextmanager
def _trial(order: Order, base: Base, scratch: Path, log: Path) -> Iterator[Trial]:
    binds = {
        LEFT_RUNNING: "/xsbuild/left-running",
        order.repository.resolve(): str(REPOSITORY),
    }
    with ExitStack() as stack:
        served_at = None
        if order.http:
            served_at = stack.enter_context(served(order.repository.resolve()))
        root = stack.enter_context(buildroot(base, scratch, binds=binds))
        place = Place(
            order.distro,
            order.repository.resolve(),
            base,
            root,
            served_at,
            order.network,
            scratch,
            log,
        )
        manager = manager_family(order.distro.family).manager(place)
        yield Trial(root, manager, order.targets, order.users)


def offered_packages(distro: Distro, repository: Path) -> Mapping[str, frozenset[str]]:
    """Return the packages in a published repository: name → versions.

    Raises:
        InputError: there is none.
    """
    if not repository.is_dir():
        raise InputError(
            f"nothing is published for {distro.title} in {repository}",
            hint=f"`xsbuild build --distro {distro.name}` does that",
            code="XSB-USAGE-NOTHING-PUBLISHED",
        )
    return manager_family(distro.family).packages_in(repository)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Print nothing: the client reports a failed request."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a directory while the block runs.

    Yields:
        Its address, seen by processes of this machine's network namespace alone.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
