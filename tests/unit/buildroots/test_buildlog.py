# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from xsbuild.buildroots import pbuilder, sbuild
from xsbuild.buildroots.buildlog import (
    BUILD,
    DEPENDENCIES,
    PACKAGE,
    TEST,
    UNPACK,
    Markers,
    StepTracker,
    watch,
)

DEBHELPER = """\
   dh_auto_build
\tmake -j2
   dh_auto_test
\tmake -j2 test
   create-stamp debian/debhelper-build-stamp
   dh_auto_install --destdir=debian/sample/
   dh_install
"""
PBUILDER = f"""\
xsbuild: apt-get build-dep sample_1.0-1.dsc
I: Copying source file
I: Extracting source
I: Building the package
{DEBHELPER}"""
SBUILD = f"""\
+------------------------------------------------------------------------------+
| Chroot Setup Commands                                                        |
+------------------------------------------------------------------------------+
| Fetch source files                                                           |
| Build                                                                        |
{DEBHELPER}| Buildinfo                                                                    |
"""


@pytest.mark.parametrize(
    ("markers", "log", "first"),
    [
        (pbuilder.MARKERS, PBUILDER, [DEPENDENCIES, UNPACK]),
        (sbuild.MARKERS, SBUILD, [DEPENDENCIES]),
    ],
)
def test_each_step_is_told_once_as_it_starts(
    tmp_path: Path, markers: Markers, log: str, first: list[str]
) -> None:
    file = tmp_path / "log"
    file.write_text("I: Building the package\n| Build     |\n")  # of an earlier build
    told: list[str] = []
    with watch(file, StepTracker(markers, told.append)), file.open("a") as stream:
        stream.write(log)
    assert told == [*first, BUILD, TEST, PACKAGE]


def test_an_overridden_installation_is_no_test() -> None:
    """A component without tests whose installation fails: dh_auto_test prints nothing."""
    told: list[str] = []
    tracker = StepTracker(pbuilder.MARKERS, told.append)
    for line in (
        "I: Building the package",
        "   dh_auto_test -O--buildsystem=makefile",
        "   create-stamp debian/debhelper-build-stamp",
        "   dh_prep -O--buildsystem=makefile",
        "   debian/rules override_dh_auto_install",
    ):
        tracker.feed(line)
    assert told == [BUILD, TEST, PACKAGE]
