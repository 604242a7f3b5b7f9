# SPDX-License-Identifier: Apache-2.0
"""How a build ended: a table, the failures, and how to use what was published."""

import sys
from collections.abc import Iterator

from xsbuild.engine.build import Built
from xsbuild.errors import BuildError, SourceError
from xsbuild.families import family_of
from xsbuild.reports.table import Row


def summary_rows(built: Built) -> list[Row]:
    """A row for each component and meta-package that was asked for."""
    return [*_components(built), *_metas(built)]


def _components(built: Built) -> Iterator[Row]:
    for task in built.planned:
        name = task.component
        result = built.outcomes.done.get(name)
        row: dict[str, str | float | int | None] = {
            "target": name,
            "result": "",
            "seconds": None,
            "packages": None,
            "log": None,
        }
        if result is not None:
            fresh = result.finished >= built.started
            row["result"] = "built" if fresh else "up to date"
            row["seconds"] = sum(result.seconds.values()) if fresh else None
            row["packages"] = len(result.packages)
            row["log"] = str(result.folder / "build.log")
        elif name in built.outcomes.failed:
            row["result"] = "FAILED"
        elif name in built.outcomes.skipped:
            row["result"] = f"skipped: {built.outcomes.skipped[name].because} failed"
        else:
            row["result"] = "not started"
        yield row


def _metas(built: Built) -> Iterator[Row]:
    for name, meta in built.metas.items():
        result = "made" if meta.package else f"skipped: {meta.problem}"
        yield {"target": name, "result": result, "seconds": None, "packages": int(not meta.problem)}


def print_failures(built: Built) -> None:
    """Prints every failure on standard error: what, why, what to do, where to look."""
    for name, error in built.outcomes.failed.items():
        sys.stderr.write(f"\n{error}\n")
        if error.hint:
            sys.stderr.write(f"  hint: {error.hint}\n")
        if isinstance(error, BuildError):
            log = f"  log:  {error.log}\n" if error.log else ""
            sys.stderr.write(f"{log}  look: {shell_command(name, built)}\n")


def missing_source_rows(built: Built) -> list[Row]:
    """A row for each component whose sources cannot be had, with all that waits for it."""
    graph = built.target.graph
    asked = [task.component for task in built.planned]
    return [
        {
            "component": name,
            "source": error.message.partition("\n")[0],
            "needed by": [user for user in asked if name in graph.closure([user]) - {user}],
        }
        for name, error in built.outcomes.failed.items()
        if isinstance(error, SourceError)
    ]


def shell_command(component: str, built: Built) -> str:
    """The command that opens a shell where a component is built."""
    return f"xsbuild shell {component} --distro {built.target.distro.name}"


def print_repository(built: Built) -> None:
    """Prints where the repository is and the commands that use it."""
    if built.published is None:
        return
    folder = built.published.folder
    state = "published" if built.published.changed else "unchanged"
    targets = [name for name, meta in built.metas.items() if meta.package] or ["PACKAGE"]
    lines = family_of(built.target.distro).instructions(folder, targets[-1:])
    sys.stdout.write(f"\nrepository {state}: {folder}\nto use it, as root:\n")
    sys.stdout.writelines(f"  {line}\n" for line in lines)


def to_json(built: Built) -> dict[str, object]:
    """All of it, for programs."""
    return {
        "distro": built.target.distro.name,
        "targets": summary_rows(built),
        "errors": {
            name: {
                "message": str(error),
                "hint": error.hint,
                "log": str(error.log) if isinstance(error, BuildError) and error.log else None,
                "shell": shell_command(name, built),
            }
            for name, error in built.outcomes.failed.items()
        },
        "repository": str(built.published.folder) if built.published else None,
    }
