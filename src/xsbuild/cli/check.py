# SPDX-License-Identifier: Apache-2.0
"""`xsbuild check`."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import click

from xsbuild.checks.assumptions import check_assumptions
from xsbuild.checks.installable import check_installable
from xsbuild.checks.manifest import (
    BLOCKS,
    OLDER,
    Finding,
    check_locks,
    check_manifest,
    check_target,
)
from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import json_option
from xsbuild.distros.model import Distro
from xsbuild.host.terminal import echo
from xsbuild.parity.check import check_parity
from xsbuild.planner.locks import ensure_lock
from xsbuild.planner.target import target_for
from xsbuild.reports.table import Row, show

_SHOWN = (BLOCKS, OLDER)


@click.command("check")
@click.option(
    "-d",
    "--distro",
    "distro_names",
    multiple=True,
    metavar="NAME",
    help="Also render every component for this distro and check that its dependencies are "
    "installable; may be given several times.",
)
@click.option(
    "--locked", is_flag=True, help="Fail if a lock file lacks an entry that the manifest needs."
)
@click.option(
    "--parity",
    is_flag=True,
    help="Compare the packages of the two families, as rendered and as last built, and fail if "
    "they differ; for the distros named, else for the newest of each kind.",
)
@click.option(
    "--refresh", is_flag=True, help="Fetch the archives' indexes even if those known will do."
)
@click.option("--todo", is_flag=True, help="Also list findings that block no build.")
@json_option
@pass_context
def command(
    context: Context,
    *,
    distro_names: tuple[str, ...],
    locked: bool,
    parity: bool,
    refresh: bool,
    todo: bool,
    as_json: bool,
) -> None:
    """Check the manifest and all files that it names, and list what blocks builds.

    All errors are printed at once, with file, line and key, and the exit status is 2. An
    unfinished component, such as one with an unpinned source, is not an error. The exit status
    is 1 if a recipe assumes one version of a distro, a lock file is stale, or the packages of
    the two families differ.

    Indexes of a distro's archives are fetched if none are known that are as new as its lock file.
    Without a lock file, a lock is made from them in the cache.

    \b
    Example:
      xsbuild check --distro debian
    """
    project = context.project()
    distros = [project.distros.get(name) for name in distro_names]
    findings = [("", finding) for finding in check_manifest(project.manifest)]
    wrong = [("", finding) for finding in check_assumptions(project)]
    if locked:
        wrong += check_locks(project)
    if parity:
        wrong += check_parity(project, distros)
    check = partial(_check, context, refresh=refresh)
    # Each waits for its archives and its apt most of the time.
    with ThreadPoolExecutor() as pool:
        for distro, found in zip(distros, pool.map(check, distros), strict=True):
            findings += [(distro.name, finding) for finding in found]
    verbose = as_json or context.verbosity > 0
    shown = wrong + [item for item in findings if as_json or todo or item[1].kind in _SHOWN]
    rows = [_row(distro, finding, verbose=verbose) for distro, finding in shown]
    if rows or as_json:
        show(rows, ["component", "distro", "kind", "text"], as_json=as_json)
    if not as_json:
        count = len(project.manifest.components)
        errors = f"{len(wrong)} errors" if wrong else "no errors"
        echo(f"{project.file}: {count} components, {errors}", err=True)
        echo(_counts([finding for _, finding in findings], all_shown=todo), err=True)
    if wrong:
        click.get_current_context().exit(1)


def _row(distro: str, finding: Finding, *, verbose: bool) -> Row:
    text = finding.detail if verbose and finding.detail else finding.text
    return {
        "component": finding.component,
        "distro": distro or None,
        "kind": finding.kind,
        "text": text,
    }


def _counts(findings: Sequence[Finding], *, all_shown: bool) -> str:
    blocked = {finding.component for finding in findings if finding.kind == BLOCKS}
    rest = sum(finding.kind not in _SHOWN for finding in findings)
    hidden = f"; `--todo` lists {rest} other findings" if rest and not all_shown else ""
    return f"builds blocked: {len(blocked)}{hidden}"


def _check(context: Context, distro: Distro, *, refresh: bool) -> list[Finding]:
    ensure_lock(context.project(), distro, context.step, refresh=refresh)
    target = target_for(context.project(), distro)
    return [*check_target(target), *check_installable(target, context.step, refresh=refresh)]
