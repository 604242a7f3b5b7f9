# SPDX-License-Identifier: Apache-2.0
"""`xsbuild build`."""

import sys

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import Asked, asked_options, json_option
from xsbuild.cli.plan import show_plan
from xsbuild.host.terminal import echo
from xsbuild.reports.summary import Summary, print_summary, print_summary_json


@click.command("build")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=None,
    show_default="all cores",
    help="Total threads, shared by all parallel builds.",
)
@click.option(
    "--keep-going/--fail-fast",
    default=True,
    show_default=True,
    help="After a failure, continue with components that do not depend on it, or stop.",
)
@click.option("--dry-run", is_flag=True, help="Print the plan and exit.")
@click.option(
    "--check-reproducible",
    is_flag=True,
    help="Rebuild in a varied environment and compare the packages byte by byte.",
)
@json_option
@asked_options
@pass_context
def command(
    context: Context,
    *,
    asked: Asked,
    jobs: int | None,
    keep_going: bool,
    dry_run: bool,
    check_reproducible: bool,
    as_json: bool,
) -> None:
    """Build packages for a distro and publish them in a signed repository.

    TARGETs are components, packages or meta-packages; the default is all of them. The
    repository is written to dist/DISTRO beside the manifest. For a distro without a lock file, a
    lock is made from its archives in the cache.

    \b
    Example:
      xsbuild build --distro debian xenserver-core-platform
    """
    if dry_run:
        show_plan(context, asked, as_json=as_json)
        return
    summary = _build(context, asked, jobs, keep_going=keep_going)
    if as_json:
        print_summary_json(summary)
    else:
        print_summary(summary, context.verbosity)
    reproducible = not check_reproducible or _is_reproducible(context, asked, jobs)
    if summary.failed or not reproducible:
        sys.exit(1)


def _is_reproducible(context: Context, asked: Asked, jobs: int | None) -> bool:
    from xsbuild.engine.reproduce import reproduce  # noqa: PLC0415
    from xsbuild.engine.run import default_jobs  # noqa: PLC0415

    chosen = asked.choose(context.project())
    components, threads = chosen.targets.components, jobs or default_jobs()
    verdicts = reproduce(chosen.target, components, chosen.builder, threads, context.step)
    for verdict in verdicts:
        for difference in verdict.differences:
            echo(f"{verdict.component} is not reproducible: {difference}", err=True)
    good = [verdict.component for verdict in verdicts if not verdict.differences]
    context.step(f"reproducible: {', '.join(good) or 'nothing'}")
    return len(good) == len(verdicts)


def _build(context: Context, asked: Asked, jobs: int | None, *, keep_going: bool) -> Summary:
    # `xsbuild build --help` needs nothing of this.
    from xsbuild.engine.build import BuildOptions, build  # noqa: PLC0415
    from xsbuild.engine.run import default_jobs  # noqa: PLC0415
    from xsbuild.reports.outcome import summary_of  # noqa: PLC0415

    asked.ensure_lock(context)
    chosen = asked.choose(context.project())
    options = BuildOptions(chosen.builder, jobs or default_jobs(), keep_going)
    return summary_of(build(chosen.target, chosen.targets, options, context.progress()))
