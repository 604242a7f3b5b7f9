# SPDX-License-Identifier: Apache-2.0
"""What came of fetching."""

from dataclasses import asdict

from xsbuild.reports.table import Row, print_json, show
from xsbuild.sources.model import Failure, FetchResult


def show_result(result: FetchResult, *, as_json: bool) -> None:
    """Print what was fetched and what could not be, and who needs that."""
    fetched = [
        {
            "component": name,
            "source": item.name,
            "file": item.file_name,
            "digest": item.digest,
            "path": str(item.path),
        }
        for name, items in result.fetched.items()
        for item in items
    ]
    if as_json:
        failures = [asdict(failure) for failure in result.failures]
        print_json({"fetched": fetched, "failures": failures})
        return
    if fetched:
        show(fetched, ["component", "file", "path"], as_json=False)
    if result.failures:
        missing: list[Row] = [
            {"source": item.source, "needed by": item.needed_by, "why": _one_line(item)}
            for item in result.failures
        ]
        show(missing, ["source", "needed by", "why"], as_json=False, title="Not fetched")


def _one_line(failure: Failure) -> str:
    address = failure.source.partition(" ")[0]  # without a tag
    reason = failure.reason.removeprefix(f"{failure.source}: ").removeprefix(f"{address}: ")
    return " ".join(reason.split())
