# SPDX-License-Identifier: Apache-2.0
"""Make the summary of a build."""

from collections.abc import Iterator

from xsbuild.engine.build import Built
from xsbuild.errors import BuildError, XsbuildError
from xsbuild.families.family import family_of
from xsbuild.reports.summary import Failure, Summary
from xsbuild.reports.table import Row
from xsbuild.store.store import Result


def summary_of(built: Built) -> Summary:
    """Summarise a build."""
    published = built.published
    made = [name for name, meta in built.metas.items() if meta.package] or ["PACKAGE"]
    distro = built.target.distro
    return Summary(
        distro=distro.name,
        targets=[*_components(built), *_metas(built)],
        failures=[_failure(built, *item) for item in built.outcomes.failed.items()],
        repository=str(published.folder) if published else None,
        changed=bool(published and published.changed),
        instructions=(
            family_of(distro).instructions(distro, published.folder, made[-1:]) if published else ()
        ),
        failed=built.failed,
    )


def _components(built: Built) -> Iterator[Row]:
    for task in built.planned:
        name = task.component
        result = built.outcomes.done.get(name)
        if result is not None:
            yield _done(name, result, fresh=result.finished >= built.started)
        else:
            yield {
                "target": name,
                "result": _why_not(built, name),
                "seconds": None,
                "packages": None,
                "log": None,
            }


def _done(name: str, result: Result, *, fresh: bool) -> Row:
    return {
        "target": name,
        "result": "built" if fresh else "up to date",
        "seconds": sum(result.seconds.values()) if fresh else None,
        "packages": len(result.packages),
        "log": str(result.folder / "build.log"),
    }


def _why_not(built: Built, name: str) -> str:
    if name in built.outcomes.failed:
        return "FAILED"
    if name in built.outcomes.skipped:
        return f"skipped: {built.outcomes.skipped[name].because} failed"
    return "not started"


def _metas(built: Built) -> Iterator[Row]:
    for name, meta in built.metas.items():
        result = "made" if meta.package else f"skipped: {meta.problem}"
        yield {"target": name, "result": result, "seconds": None, "packages": int(not meta.problem)}


def _failure(built: Built, name: str, error: XsbuildError) -> Failure:
    log = error.log if isinstance(error, BuildError) else None
    return Failure(
        name,
        str(error),
        error.code,
        error.hint,
        log=str(log) if log else None,
        shell=shell_command(name, built) if isinstance(error, BuildError) else None,
        needed_by=_needed_by(built, name),
    )


def _needed_by(built: Built, name: str) -> list[str]:
    graph = built.target.graph
    asked = [task.component for task in built.planned]
    return [user for user in asked if name in graph.closure([user]) - {user}]


def shell_command(component: str, built: Built) -> str:
    """Return the command that opens a shell where a component is built."""
    return f"xsbuild shell {component} --distro {built.target.distro.name}"
