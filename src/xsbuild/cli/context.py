# SPDX-License-Identifier: Apache-2.0
"""The context of commands: the project, and the verbosity of output."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xsbuild.host.terminal import echo

if TYPE_CHECKING:
    from xsbuild.engine.events import ShowProgress
    from xsbuild.project import Project


@dataclass(slots=True)
class Context:
    """The options that stand before the subcommand.

    Attributes:
        manifest: the manifest named with --manifest.
        offline: use the caches alone.
        verbosity: -1 quiet, 0 normal, 1 verbose.
    """

    manifest: Path | None = None
    offline: bool = False
    verbosity: int = 0

    _project: "Project | None" = field(default=None, init=False)

    def project(self) -> "Project":
        """Find the project; see `find_project`."""
        if self._project is not None:
            return self._project
        # `xsbuild --help` needs neither pydantic nor YAML
        from xsbuild.project import find_project  # noqa: PLC0415
        from xsbuild.settings import load_settings  # noqa: PLC0415

        self._project = find_project(load_settings(offline=self.offline), self.manifest)
        return self._project

    def progress(self) -> "ShowProgress":
        """Show the progress of a run at the chosen verbosity."""
        from xsbuild.reports.progress import progress  # noqa: PLC0415

        return partial(progress, quiet=self.verbosity < 0, verbose=self.verbosity > 0)

    def step(self, text: str) -> None:
        """Announce a step that takes time, on standard error."""
        if self.verbosity >= 0:
            echo(text, err=True)


pass_context = click.make_pass_decorator(Context, ensure=True)
