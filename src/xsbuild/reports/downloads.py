# SPDX-License-Identifier: Apache-2.0
"""Progress of fetching on standard error, and its results."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from xsbuild.host.terminal import echo, printable
from xsbuild.reports.table import Row, print_json, show
from xsbuild.sources.model import Failure, FetchResult, Progress, Say


@contextmanager
def downloads(*, quiet: bool) -> Iterator[Say]:
    """Show how far sources are while the block runs.

    Yields:
        What to call with each step; any thread may.
    """
    if quiet:
        yield lambda _progress: None
    elif sys.stderr.isatty():
        with _bars() as say:
            yield say
    else:
        yield _line


def _line(progress: Progress) -> None:
    if progress.done == progress.total:
        echo(f"{progress.source}: fetched, {progress.done:,} bytes", err=True)


@contextmanager
def _bars() -> Iterator[Say]:
    # rich is slow to import, and only a terminal needs it
    from rich import progress as bars  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    columns = (
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.DownloadColumn(),
        bars.TransferSpeedColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True)) as display:
        tasks: dict[str, bars.TaskID] = {}

        def say(progress: Progress) -> None:
            if progress.source not in tasks:
                tasks[progress.source] = display.add_task(printable(progress.source))
            display.update(tasks[progress.source], completed=progress.done, total=progress.total)

        yield say


def show_result(result: FetchResult, *, as_json: bool) -> None:
    """Print fetched sources and failures, with the components that require them."""
    fetched = [
        {
            "component": name,
            "source": item.name,
            "file": item.file_name,
            "digest": item.digest,
            "path": str(item.path),
        }
        for name, items in result.fetched.items()
        for item in items
    ]
    if as_json:
        failures = [asdict(failure) for failure in result.failures]
        print_json({"fetched": fetched, "failures": failures})
        return
    if fetched:
        show(fetched, ["component", "file", "path"], as_json=False)
    if result.failures:
        missing: list[Row] = [
            {"source": item.source, "needed by": item.needed_by, "why": _one_line(item)}
            for item in result.failures
        ]
        show(missing, ["source", "needed by", "why"], as_json=False, title="Not fetched")


def _one_line(failure: Failure) -> str:
    address = failure.source.partition(" ")[0]  # without a tag
    reason = failure.reason.removeprefix(f"{failure.source}: ").removeprefix(f"{address}: ")
    return " ".join(reason.split())
