# SPDX-License-Identifier: Apache-2.0
"""The end of a build, as a person reads it."""

import pytest

from xsbuild.reports.summary import Failure, Summary, print_summary

LOG = "/home/someone/.cache/xsbuild/logs/one@debian-13.log"
FAILURE = Failure(
    "one",
    "one: " + "a cause in many words " * 20 + "\n  the last line",
    "XSB-BUILD-FAILED",
    "look for `a missing command` in it " * 5,
    LOG,
    "xsbuild shell one --distro debian-13",
    ["two", "three"],
)
TARGETS = [{"target": "one", "result": "FAILED"}, {"target": "zero", "result": "built"}]


def summary(*failures: Failure) -> Summary:
    return Summary(
        "debian-13",
        TARGETS,
        failures,
        repository="/dist",
        changed=True,
        instructions=["apt-get install one"],
        failed=bool(failures),
    )


@pytest.mark.parametrize(("columns", "room"), [("80", 80), (None, 100)])
def test_a_failure_is_said_once_and_fits(
    columns: str | None,
    room: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    print_summary(summary(FAILURE), 0)
    out, err = capsys.readouterr()
    assert max(map(len, (out + err).splitlines())) <= room
    for text in ("XSB-BUILD-FAILED", LOG, "xsbuild shell one", "the last line", "two, three"):
        assert (out + err).count(text) == 1


def test_an_incomplete_repository_has_no_instructions(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(summary(FAILURE), 0)
    out = capsys.readouterr().out
    assert "repository published, incomplete: /dist" in out
    assert "apt-get install" not in out
    print_summary(summary(), 0)
    assert "  apt-get install one\n" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["\x1b]0;title\x07", "\x9b2J", "\u202e"])
def test_quiet_keeps_causes_and_escapes_them(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    cause = f"a cause {text} from a log"
    print_summary(summary(Failure("one", cause, "XSB-BUILD-FAILED", f"do {text}", LOG)), -1)
    out, err = capsys.readouterr()
    assert out == ""
    assert "a cause" in err
    assert "XSB-BUILD-FAILED" in err
    assert LOG in err
    assert text not in err
