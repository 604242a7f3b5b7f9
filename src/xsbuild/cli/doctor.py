# SPDX-License-Identifier: Apache-2.0
"""`xsbuild doctor`."""

import sys
from dataclasses import asdict

import click

from xsbuild.checks.machine import check_machine
from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import json_option
from xsbuild.host.terminal import echo
from xsbuild.host.tools import TOOLS, install_command, missing_packages
from xsbuild.reports.table import Row, print_json, show
from xsbuild.settings import load_settings


@click.command("doctor")
@json_option
@pass_context
def command(context: Context, *, as_json: bool) -> None:
    """Check this machine: programs, disk space, kernel features, mirrors and clock.

    Lists missing programs (all programs with --verbose), how to install them, and a verdict.
    The exit status is 1 if this machine cannot build.

    \b
    Example:
      xsbuild doctor
    """
    programs: list[Row] = [
        {
            "program": tool.name,
            "found": tool.found() or "missing",
            "package": tool.package() or "not packaged",
            "for": tool.purpose,
            "family": tool.family or "both",
        }
        for tool in TOOLS
    ]
    checks: list[Row] = [
        asdict(check) for check in check_machine(load_settings(offline=context.offline))
    ]
    missing = missing_packages()
    bad = sorted({str(check["name"]) for check in checks if not check["good"]})
    if as_json:
        print_json({"programs": programs, "checks": checks, "ready": not missing and not bad})
    else:
        _show_programs(programs, everything=context.verbosity > 0)
        show(checks, ["name", "good", "result", "hint"], as_json=False)
        if missing:
            echo(f"\nto install what is missing:\n  {install_command(missing)}", err=True)
        echo(f"\nverdict: {_verdict(missing, bad)}")
    sys.exit(1 if missing or bad else 0)


def _show_programs(programs: list[Row], *, everything: bool) -> None:
    shown = [row for row in programs if everything or row["found"] == "missing"]
    echo(f"programs: {len(programs)} checked")
    if shown:
        show(shown, ["program", "package", "family", "found", "for"], as_json=False)
    echo()


def _verdict(missing: list[str], bad: list[str]) -> str:
    packages = [f"{len(missing)} missing packages"] if missing else []
    problems = [*packages, *bad]
    return f"not ready: {', '.join(problems)}" if problems else "ready to build"
