# SPDX-License-Identifier: Apache-2.0
"""Whether a build would do nothing: all that it reads, all that it made, told without doing it.

Imported by every build, so it imports nothing of what a build needs.
"""

import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from xsbuild.engine.memo import Aspect, Memo, Places, Seen, merged, see
from xsbuild.project import Project
from xsbuild.shipped import shipped

if TYPE_CHECKING:
    from xsbuild.engine.build import Built
    from xsbuild.planner.plan import Target

_DAY = 24 * 3600
_PROJECT_FOLDERS = ("distros", "locks", "debian", "specs", "systems", "patches")
# Their tools make meta-packages, and say which builder is the default.
_INSTALLED = ("/var/lib/dpkg/status", "/usr/lib/sysimage/rpm/rpmdb.sqlite", "/var/lib/rpm")


def memo_of(project: Project, asked: Mapping[str, object]) -> Memo:
    """Where the answer to a request is kept.

    Args:
        project: what is to be built.
        asked: everything of what a person typed that can change the answer, as it has JSON.
    """
    folders = project.settings.folders
    question = {
        "project": str(project.file),
        "asked": asked,
        "offline": project.settings.offline,
        "folders": [str(folders.cache), str(folders.data), str(folders.config)],
        "python": sys.version,
        "machine": platform.machine(),
        "user": [os.geteuid(), sorted(os.getgroups())],
        "mock": shutil.which("mock"),
    }
    return Memo(folders.cache / "answers", question)


class Watch:
    """Sees whether the inputs of a build change while it reads them.

    Args:
        project: nothing of it has been read yet.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._before: list[Seen] | None = []
        self._see(partial(_inputs, project))

    def add(self, target: "Target") -> None:
        """Sees what the manifest names, before that is read."""
        self._see(partial(_named_inputs, target))

    def _see(self, places: Callable[[], Places]) -> None:
        try:
            if self._before is not None:
                self._before.append(see(places()))
        except OSError:
            self._before = None  # it cannot be seen, so nobody knows when it changes

    def keep(self, memo: Memo, built: "Built", answer: Mapping[str, object]) -> None:
        """Keeps the answer that the same build would give now, if that is certain."""
        if not built.settled or built.base is None or self._before is None:
            return
        try:
            now = [see(_inputs(self._project)), see(_named_inputs(built.target))]
            made = see(_results(built))
        except OSError:
            return
        if now == self._before:
            # Now and then results must be seen to be in use (`evict`), also where nothing is asked.
            offline = self._project.settings.offline
            until = time.time() + _DAY if offline else built.base.good_until
            memo.keep(answer, merged([*now, made]), until)


def _inputs(project: Project) -> Iterator[tuple[Aspect, Path]]:
    yield Aspect.CODE, Path(__file__).parents[1]
    for place in sys.path:
        if Path(place).name in ("site-packages", "dist-packages"):
            yield Aspect.NAMES, Path(place)  # distributions with their versions are among them
    for folder in ("distros", "debian", "specs", "systems"):
        yield Aspect.CONTENT, shipped(folder)
    yield Aspect.CONTENT, project.file
    for folder in _PROJECT_FOLDERS:
        yield Aspect.CONTENT, project.root / folder
    folders = project.settings.folders
    for name in ("config.yaml", "distros"):
        yield Aspect.CONTENT, folders.config / name
    yield Aspect.NAMES, folders.data / "gnupg"  # the public key's name is its fingerprint
    for name in _INSTALLED:
        yield Aspect.STATE, Path(name)


def _named_inputs(target: "Target") -> Iterator[tuple[Aspect, Path]]:
    from xsbuild.sources.kinds.table import kind_of  # noqa: PLC0415 - a build has it by now

    root = target.project.root
    for component in target.project.manifest.components.values():
        for source in component.sources:
            for name in kind_of(source).local_inputs():
                yield Aspect.CONTENT, root / name


def _results(built: "Built") -> Iterator[tuple[Aspect, Path]]:
    store = built.target.project.settings.folders.store
    for task in built.after:
        if task.result is not None:
            yield Aspect.CONTENT, task.result.folder / "result.json"
            for file in task.result.files:
                yield Aspect.SIZE, task.result.folder / file.name
        elif task.key is not None:  # another run may build it
            yield Aspect.SIZE, store / task.key[:2] / task.key
    if built.base is not None:
        yield Aspect.LINK, built.base.path.parents[1] / "current"
        recipe = built.base.path.parent / "recipe.txt"
        for place in (built.base.packages, built.base.release, recipe):
            yield Aspect.CONTENT, place
    if built.published is not None:
        yield Aspect.LINK, built.published.folder
        tree = built.published.folder.resolve()
        yield from ((Aspect.SIZE, path) for path in tree.rglob("*") if not path.is_dir())
