# SPDX-License-Identifier: Apache-2.0
"""What a builder says while it builds and when it fails."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from xsbuild.buildroots.builder import BuildRequest
from xsbuild.buildroots.causes import explain, read_end
from xsbuild.buildroots.progress import UNPACK, Markers, StepTracker, watch
from xsbuild.errors import BuildError
from xsbuild.host import process
from xsbuild.host.files import storage

_FULL_BYTES = 1 << 20


@contextmanager
def reported(
    request: BuildRequest, markers: Markers, step: Callable[[str], None]
) -> Iterator[None]:
    """Tells the steps of a build, found in its log, and explains a command that fails.

    Raises:
        BuildError: a command in the block failed; says why.
        StorageError: the disk is full, read-only or someone else's.
    """
    step(UNPACK)
    tracker = StepTracker(markers, step)
    start = request.log.stat().st_size if request.log.exists() else 0
    try:
        with storage(request.scratch), watch(request.log, tracker):
            yield
    except process.CommandFailedError as error:
        raise _failed(request, tracker.step, start, error) from error


def _failed(
    request: BuildRequest, step: str, start: int, error: process.CommandFailedError
) -> BuildError:
    # A command that does not log failed before anything was built.
    text = read_end(request.log, start) if error.log else error.output
    if shutil.disk_usage(request.scratch).free < _FULL_BYTES:
        text += "\nNo space left on device"  # which the log itself may have had no space for
    failure = explain(text, step)
    return BuildError(
        f"{request.component} does not build on {request.distro.title}: {step}: {failure}",
        component=request.component,
        step=step,
        log=request.log,
        hint=failure.hint,
        command=failure.command,
        code="XSB-BUILD-FAILED",
    )
