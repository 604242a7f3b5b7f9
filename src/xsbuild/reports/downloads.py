# SPDX-License-Identifier: Apache-2.0
"""Progress of fetching, on standard error: bars on a terminal, a line a source in a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from xsbuild.sources.model import Progress, Say


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
        sys.stderr.write(f"{progress.source}: fetched, {progress.done:,} bytes\n")


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
                tasks[progress.source] = display.add_task(progress.source)
            display.update(tasks[progress.source], completed=progress.done, total=progress.total)

        yield say
