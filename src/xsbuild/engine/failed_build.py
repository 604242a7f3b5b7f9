# SPDX-License-Identifier: Apache-2.0
"""The directory of a task's last failed build, kept for `xsbuild shell`.

``WORK/failed/TASK/`` has ``failure.json``, ``source``, ``repository``, and in ``build``, where its
builder's root can be mounted again, what was written there. It goes when the task is built again,
and by `xsbuild clean`.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from xsbuild.buildroots.builder import Builder, BuildRequest, Enterable
from xsbuild.buildroots.buildroot import Entry
from xsbuild.errors import BuildError
from xsbuild.host.namespace import UPPER
from xsbuild.host.scratch import remove
from xsbuild.settings import Settings

_FAILURE = "failure.json"
_REPOSITORY = "repository"
_ROOT = "build"


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed build and its inputs.

    Attributes:
        message: what, why, and the lines that say so.
        step: in which step.
        command: what failed inside; empty where it is not known.
        entry: how to enter its buildroot; None where that is not there.
        builder: the builder's name.
        source: the source package's place in the folder.
        jobs: see `BuildRequest`, as the rest.
    """

    message: str
    step: str
    command: str
    entry: Entry | None
    builder: str
    source: str
    jobs: int
    epoch: int
    closure: Mapping[str, str]


_FAILURES = TypeAdapter(Failure)


def note(builder: Builder, request: BuildRequest, error: BuildError) -> None:
    """Record a failure beside the failed build, and remove files that are of no further use.

    Args:
        builder: what built it.
        request: of that build; its directories are in the one that `Kept.keep` takes over.
        error: why it failed.
    """
    place = request.scratch.parent
    entry = None
    if isinstance(builder, Enterable) and (request.scratch / UPPER).is_dir():
        entry = builder.entry(request, error.step)
    else:
        remove(request.scratch)
    remove(place / "unpacked")
    failure = Failure(
        error.message,
        error.step,
        error.command,
        entry,
        builder.name,
        request.source.relative_to(place).as_posix(),
        request.jobs,
        request.epoch,
        request.closure,
    )
    (place / _FAILURE).write_bytes(_FAILURES.dump_json(failure, indent=2))


@dataclass(frozen=True, slots=True)
class Kept:
    """The kept directory of a task's last failed build, which need not exist.

    Attributes:
        folder: as above.
    """

    folder: Path

    @property
    def root(self) -> Path:
        """The directory that `xsbuild.buildroots.buildroot.reopened` mounts."""
        return self.folder / _ROOT

    def failure(self) -> Failure | None:
        """Return the recorded failure, or None."""
        try:
            return _FAILURES.validate_json((self.folder / _FAILURE).read_bytes())
        except (FileNotFoundError, ValueError):
            return None

    def link(self, failure: Failure, scratch: Path) -> tuple[Path, Path | None]:
        """Link the source package and the private repository into a directory.

        They stay when the next build of the task removes the others.

        Returns:
            Source package and repository, as a `BuildRequest` has them.
        """
        for name in (Path(failure.source).parts[0], _REPOSITORY):
            if (self.folder / name).is_dir():
                shutil.copytree(self.folder / name, scratch / name, copy_function=os.link)
        repository = scratch / _REPOSITORY
        return scratch / failure.source, repository if repository.is_dir() else None

    def keep(self, scratch: Path, trash: Path) -> None:
        """Keep a task's directory, replacing a former one.

        Args:
            scratch: of the build that failed.
            trash: a name for what was there until it is removed, on the same file system.
        """
        self.forget(trash)
        self.folder.parent.mkdir(exist_ok=True)
        scratch.rename(self.folder)

    def forget(self, trash: Path) -> None:
        """Remove the kept directory; see `keep`."""
        if self.folder.exists():
            self.folder.rename(trash)
            remove(trash)


def kept(settings: Settings, task: str) -> Kept:
    """Return the place for a task."""
    return Kept(settings.folders.work / "failed" / task)
