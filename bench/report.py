# SPDX-License-Identifier: Apache-2.0
"""Writes what was measured: as JSON, as tables, as a plot, and its short form into the README."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import excess, ratios, spread
from bench.rounds import Measured

_BARE, _INSTALL, _WARM, _COLD = (
    "bare compile",
    "bare installation",
    "xsbuild",
    "xsbuild, first build",
)
_SECTION = re.compile(r"(?<=<!-- bench -->\n).*(?=<!-- /bench -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Report:
    """What one run found.

    Attributes:
        machine: what it ran on.
        measured: the contestants' times.
        figures: all else, in words.
    """

    machine: Mapping[str, str]
    measured: Sequence[Measured]
    figures: Mapping[str, str]


def write(report: Report, folder: Path, readme: Path) -> None:
    """Writes ``results.json``, ``report.md`` and ``plot.svg``, and the section of the README."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(report), indent=2)
    (folder / "results.json").write_text(f"{text}\n")
    (folder / "report.md").write_text("\n".join([*_page(report), ""]))
    plot(report, folder / "plot.svg")
    section = "\n".join([*_short(report), ""])
    readme.write_text(_SECTION.sub(lambda _match: section, readme.read_text()))


def _page(report: Report) -> Iterator[str]:
    yield "# The last run of `make bench`"
    yield ""
    yield f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {', '.join(report.machine.values())}."
    for measured in report.measured:
        yield from _section(measured)
    yield from ("", "## Planning and scheduling", "", "| what | result |", "|---|---|")
    yield from (f"| {name} | {value} |" for name, value in report.figures.items())


def _section(measured: Measured) -> Iterator[str]:
    load = spread(measured.load) if measured.load else "unknown"
    yield from ("", f"## {measured.work}", "", f"Load when a round began: {load}.", "")
    yield "| what | seconds: median (least-most) | ratio to the bare compile | ratio to xsbuild |"
    yield "|---|---|---|---|"
    times = measured.seconds
    for name, seconds in times.items():
        shown = [
            str(ratios(seconds, times[other])) if other in times else "" for other in (_BARE, _WARM)
        ]
        yield f"| {name} | {spread(seconds)} | {' | '.join(shown)} |"
    for name, reason in measured.missing.items():
        yield f"| {name} | not measured: {reason} | | |"
    yield ""
    yield from (f"- {line}" for line in overheads(measured))


def overheads(measured: Measured) -> Iterator[str]:
    """What xsbuild adds to what it cannot save, in words; nothing where that is noise."""
    times = measured.seconds
    for what, ours, theirs in (
        ("more than the bare compile", _WARM, (_BARE,)),
        ("more for a first build than compile and installation", _COLD, (_BARE, _INSTALL)),
    ):
        if {ours, *theirs} <= times.keys():
            found = excess(times[ours], *(times[name] for name in theirs))
            if found:
                yield f"{found} s {what}"


def _short(report: Report) -> Iterator[str]:
    """The README's section: one line for each kind of work that gave a sound figure."""
    yield f"On {', '.join(report.machine.values())}, in seconds, median (least-most):"
    yield ""
    for measured in report.measured:
        figures = [*overheads(measured), *_others(measured)]
        if figures:
            yield f"- {measured.work}: xsbuild takes {spread(measured.seconds[_WARM])} s"
            yield from (f"  - {figure}" for figure in figures)
    yield ""
    yield "What differs by less than the bare compile itself does from round to round is left out."
    yield "[All figures](bench/results/report.md), ![as a plot](bench/results/plot.svg)"


def _others(measured: Measured) -> Iterator[str]:
    """How many times as long as xsbuild others take."""
    ours = measured.seconds.get(_WARM)
    for name, seconds in measured.seconds.items():
        if ours and name not in (_BARE, _INSTALL, _WARM, _COLD):
            ratio = ratios(seconds, ours)
            rounds = "" if len(seconds) > 1 else ", one round"
            yield f"{name} takes {ratio.median:.1f} times as long{rounds}"


def plot(report: Report, file: Path) -> None:
    """Draws the times of all contestants, with their spread."""
    import matplotlib as mpl  # noqa: PLC0415 - only a run of the benchmark has it

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "xsbuild"
    from matplotlib import pyplot as plt  # noqa: PLC0415

    works = [measured for measured in report.measured if measured.seconds]
    figure, axes = plt.subplots(len(works), figsize=(8, 2.2 * len(works)), squeeze=False)
    for axis, measured in zip(axes[:, 0], works, strict=True):
        names = list(measured.seconds)[::-1]
        spreads = [spread(measured.seconds[name]) for name in names]
        middle = [one.median for one in spreads]
        errors = [
            [one.median - one.least for one in spreads],
            [one.most - one.median for one in spreads],
        ]
        axis.barh(names, middle, xerr=errors, color="tab:blue")
        axis.set_title(measured.work)
        axis.set_xlabel("seconds")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
