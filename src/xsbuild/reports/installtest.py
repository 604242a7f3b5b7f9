# SPDX-License-Identifier: Apache-2.0
"""Print the outcome of an install test."""

from dataclasses import asdict

from xsbuild.host.terminal import echo
from xsbuild.installtest.install_test import InstallTest
from xsbuild.reports.table import Row, print_json, show


def show_install_test(test: InstallTest, *, as_json: bool) -> None:
    """Print a row for each check; as JSON, with each failure and its reasons."""
    for warning in test.warnings:
        echo(f"warning: {warning}", err=True)
    rows = _rows(test)
    if as_json:
        print_json(_document(test, rows))
    else:
        title = f"{', '.join(test.targets)} on {test.title}"
        show(rows, ["check", "packages", "result", "seconds", "note"], as_json=False, title=title)


def _rows(test: InstallTest) -> list[Row]:
    return [
        {
            "check": outcome.check,
            "packages": outcome.packages,
            "result": outcome.result,
            "seconds": outcome.seconds,
            "note": outcome.note or None,
        }
        for outcome in test.outcomes
    ]


def _document(test: InstallTest, rows: list[Row]) -> dict[str, object]:
    return {
        "distro": test.title,
        "targets": list(test.targets),
        "log": str(test.log),
        "warnings": list(test.warnings),
        "checks": [
            {**row, "failures": [asdict(failure) for failure in outcome.failures]}
            for row, outcome in zip(rows, test.outcomes, strict=True)
        ],
    }
