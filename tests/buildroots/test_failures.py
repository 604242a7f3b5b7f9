# SPDX-License-Identifier: Apache-2.0
"""What the tools print, as seen on Debian 12 and 13, and what a person is told."""

import pytest

from xsbuild.buildroots.failures import explain
from xsbuild.buildroots.progress import BUILD, DEPENDENCIES, PACKAGE, TEST, UNPACK

UNMET = """\
The following packages have unmet dependencies:
 builddeps:/build/x_1.0-1.dsc : Depends: nonsuch-dev but it is not installable
                                Depends: libxml2-dev (>= 99) but it is not going to be installed
E: Unable to correct problems, you have held broken packages.
"""
OTHER_VERSION = " builddeps:x.dsc : Depends: libxen-dev (>= 4.20) but 4.17.5-1 is to be installed\n"
PATCH = """\
dpkg-source: info: applying fix.patch
patching file main.c
Hunk #1 FAILED at 1.
1 out of 1 hunk FAILED
dpkg-source: info: the patch has fuzz which is not allowed, or is malformed
"""
TESTS = """\
\tmake -j2 test
FAIL: test-parser
make[1]: *** [Makefile:6: test] Error 1
dh_auto_test: error: make -j2 test returned exit code 2
make: *** [debian/rules:3: binary] Error 25
"""
COMPILE = """\
main.c: In function 'main':
main.c:3:10: error: 'nothing' undeclared (first use in this function)
main.c:3:10: note: each undeclared identifier is reported only once
dh_auto_build: error: make -j2 returned exit code 2
"""
FULL = """\
main.c:3:1: fatal error: error writing to /tmp/ccX.s: No space left on device
dh_auto_build: error: make -j2 returned exit code 2
"""
DNS = "curl: (6) Could not resolve host: example.org\ndh_auto_test: error: make test\n"
MISSING = """\
dh_install: warning: Cannot find (any matches for) "usr/lib/x" (tried in ., debian/tmp)
dh_install: warning: x missing files: usr/lib/x
dh_install: error: missing files, aborting
"""
UNTAKEN = """\
dh_missing: warning: usr/bin/extra exists in debian/tmp but is not installed to anywhere
dh_missing: error: missing files, aborting
"""
LINKER = "/usr/bin/ld: main.c:(.text+0x5): undefined reference to `pci_alloc'\n"
HEADER = "main.c:1:10: fatal error: xen/xen.h: No such file or directory\n"
PROGRAM = "/bin/sh: 1: cmake: not found\nmake[1]: *** [Makefile:2: all] Error 127\n"
FETCH = "E: Failed to fetch http://m/pool/x.deb  404  Not Found\n"


@pytest.mark.parametrize(
    ("log", "step", "cause", "hint"),
    [
        (UNMET, DEPENDENCIES, "cannot be installed: nonsuch-dev, libxml2-dev (>= 99)", "component"),
        (OTHER_VERSION, DEPENDENCIES, "libxen-dev (>= 4.20) but 4.17.5-1", "another version"),
        (FETCH, DEPENDENCIES, "the archive cannot be read: Failed to fetch", "network"),
        (PATCH, UNPACK, "a patch does not apply", "refresh the patch"),
        ("dpkg-source: error: file x.tar.gz has size 3\n", UNPACK, "unpacked: file x.tar.gz", None),
        (TESTS, TEST, "its tests fail", None),
        (COMPILE, BUILD, "does not compile: 'nothing' undeclared", None),
        (HEADER, BUILD, "a header is missing: xen/xen.h", "header(xen/xen.h)"),
        (LINKER, BUILD, "undefined reference to `pci_alloc'", None),
        (PROGRAM, BUILD, "missing: cmake", "bin(NAME)"),
        (FULL, BUILD, "the disk is full", "xsbuild clean"),
        (DNS, TEST, "it wants the network", "as a source"),
        (MISSING, PACKAGE, "that the build did not make", "`files`"),
        (UNTAKEN, PACKAGE, "usr/bin/extra", "`files`"),
        ("hm\n", BUILD, "the step `build` failed", None),
    ],
)
def test_the_cause_is_named_with_what_to_do(
    log: str, step: str, cause: str, hint: str | None
) -> None:
    failure = explain(log, step)
    assert cause in failure.cause
    assert (failure.hint is None) if hint is None else (hint in (failure.hint or ""))


def test_a_failed_test_shows_what_it_printed() -> None:
    assert "FAIL: test-parser" in explain(TESTS, TEST).lines
    assert "make: *** [debian/rules:3: binary] Error 25" not in explain(TESTS, TEST).lines


def test_a_word_that_only_matters_in_another_step_is_no_cause() -> None:
    """Configure scripts print `not found` all the time."""
    log = "checking for cmake: not found\nE: Unable to locate package x\n"
    assert "do not exist: x" in explain(log, DEPENDENCIES).cause


def test_an_unknown_failure_shows_the_last_lines_without_the_builders_own() -> None:
    log = "".join(f"line {number}\n" for number in range(40)) + "I: unmounting\n\n"
    lines = explain(log, BUILD).lines
    assert lines[-1] == "line 39"
    assert len(lines) < 20
