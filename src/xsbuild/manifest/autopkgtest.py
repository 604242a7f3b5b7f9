# SPDX-License-Identifier: Apache-2.0
"""The manifest's model of tests of installed packages.

Source: README.package-tests.rst of autopkgtest.
"""

from typing import Annotated, Literal

from xsbuild.manifest.requirement import AlternativesField
from xsbuild.strict import Documented, Like
from xsbuild.texts import Paragraphs

# The file debian/tests/control lists the others.
TestName = Annotated[
    str, Like(r"(?!control$)[a-z0-9][a-z0-9+.-]*", "a name such as smoke, but not control", "name")
]
Restriction = Literal[
    "allow-stderr",
    "breaks-testbed",
    "build-needed",
    "flaky",
    "isolation-container",
    "isolation-machine",
    "needs-internet",
    "needs-reboot",
    "needs-root",
    "rw-build-tree",
    "skip-not-installable",
    "skippable",
    "superficial",
]


class Autopkgtest(Documented):
    """A test of the installed packages, run by autopkgtest(1)."""

    script: Paragraphs
    """commands of sh(1), of which none may fail"""
    requires: tuple[AlternativesField, ...] = ()
    """packages that it needs beside those of the component"""
    restrictions: tuple[Restriction, ...] = ()
    """requirements of its environment, in autopkgtest's words"""
