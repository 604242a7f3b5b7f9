# SPDX-License-Identifier: Apache-2.0
"""Text arrives as data in spec files, control fields and makefiles: read back by their programs."""

import shlex
from pathlib import Path

import pytest
from debian.deb822 import Deb822
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xsbuild.host.confined import run_confined
from xsbuild.host.process import is_program
from xsbuild.recipes.debian_control import description
from xsbuild.recipes.debian_files import make_value
from xsbuild.recipes.text import macro_free, spec_body

GUARD = "\u200b"
SPEC = """\
Name: x
Version: 1
Release: 1
Summary: {summary}
License: MIT
BuildArch: noarch
%description
{body}
%files
"""
HOSTILE = [
    "%post",
    "  %post -p <lua>",
    "%description -n y",
    "%(touch pwned)",
    "%{lua: io.open('pwned', 'w')}",
    "%%build",
    "# not a comment",
    "   # neither",
    "%if 0",
    "100% of it",
    "%",
    ".",
    ".hidden",
    "a\\",
]


@pytest.mark.skipif(not is_program("rpmspec"), reason="no rpmspec on this machine")
@pytest.mark.parametrize("line", HOSTILE)
def test_a_spec_file_holds_text(line: str, tmp_path: Path) -> None:
    body = f"First line.\n{line}\n\n{line} again\nlast"
    spec = tmp_path / "x.spec"
    spec.write_text(SPEC.format(summary=f"S {macro_free(line.strip())}", body=spec_body(body)))
    query = ("rpmspec", "--query", "--qf", r"%{SUMMARY}\n%{POSTIN}\n%{DESCRIPTION}\n", spec)
    printed = run_confined(query, folder=tmp_path).output.replace(GUARD, "")
    assert printed == f"S {line.strip()}\n(none)\n{body}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["x.spec"]


@pytest.mark.parametrize("line", HOSTILE)
def test_a_control_field_holds_text(line: str) -> None:
    value = description("Synopsis", f"First line.\n\n- {line}\n{line}\n\nlast")
    paragraph = Deb822(f"Package: x\nDescription: {value}\nSection: net\n")
    assert paragraph["Section"] == "net"
    shown = paragraph["Description"].replace(GUARD, "").splitlines()
    assert f"  - {line}" in shown
    # Policy 5.6.13: a full stop alone is an empty line, and others that begin with one are reserved
    for shown_line in paragraph["Description"].splitlines()[1:]:
        assert shown_line == " ." or not shown_line.lstrip().startswith(".")


_TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30)


@settings(max_examples=25)
@given(_TEXT)
@example("bar#baz")
@example("a\\#b")
@example("$(shell touch pwned)")
@example(" spaces around  ")
@example("ends in \\")
@example("`touch pwned`; 'x' \"y\" # $$HOME")
def test_a_makefile_holds_text(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    folder = tmp_path_factory.mktemp("make")
    makefile = folder / "Makefile"
    makefile.write_text(f'export VALUE = {make_value(value)}\nall:\n\t@printf "%s" "$$VALUE"\n')
    done = run_confined(["make", "-s", "-f", makefile], folder=folder)
    assert done.output == value, shlex.quote(value)
    assert [path.name for path in folder.iterdir()] == ["Makefile"]
