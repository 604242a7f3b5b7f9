# SPDX-License-Identifier: Apache-2.0
"""What the tools print, and what a person is told.

logs/ has the whole output of tools that were really run, on Debian 13.
"""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.buildroots.buildlog import BUILD, DEPENDENCIES, PACKAGE, TEST, UNPACK
from xsbuild.buildroots.causes import explain, read_end

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
OWNER = """\
install -o root -g greetd -m 640 token debian/tmp/etc/greetd/token
install: cannot change ownership of 'debian/tmp/etc/greetd/token': Operation not permitted
make[1]: *** [Makefile:4: install] Error 1
"""
CHOWN = "chown: changing ownership of '/builddir/x': Operation not permitted\nmake: *** [install]\n"
NO_USER = "install: invalid user 'greetd'\nmake: *** [Makefile:2: install] Error 1\n"
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
        (OWNER, PACKAGE, "are not run as root: install: cannot change", "remove the owner"),
        (CHOWN, PACKAGE, "are not run as root: chown: changing", "remove the owner"),
        (NO_USER, PACKAGE, "are not run as root: install: invalid user", "remove the owner"),
        (COMPILE, BUILD, "does not compile: 'nothing' undeclared", None),
        (HEADER, BUILD, "a header is missing: xen/xen.h", "header(xen/xen.h)"),
        (LINKER, BUILD, "undefined reference to `pci_alloc'", None),
        (PROGRAM, BUILD, "missing: cmake", "bin(cmake)"),
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


LOGS = Path(__file__).with_name("logs")
# log → step, cause, a line that must be shown
EXPECTED = {
    "apt-conflict": (DEPENDENCIES, "cannot be installed: debhelper (< 1) but 13", "builddeps"),
    "apt-fetch": (DEPENDENCIES, "the archive cannot be read: Failed to fetch", "127.0.0.1"),
    "apt-locate": (DEPENDENCIES, "do not exist: nonsuch-package", "Unable to locate"),
    "apt-unknown": (DEPENDENCIES, "cannot be installed: nonsuch-dev, libnonsuch-dev", "builddeps"),
    "apt-version": (DEPENDENCIES, "cannot be installed: libc6-dev (>= 99) but 2", "builddeps"),
    "automake-check": (TEST, "its tests fail: test-adds.sh", "FAIL: test-adds.sh"),
    "autoreconf-macro": (BUILD, "macro is missing: AM_NONSUCH_MACRO", "configure.ac:5"),
    "checkbuilddeps": (BUILD, "not installed: nonsuch-dev libother-dev", "checkbuilddeps"),
    "clang-error": (BUILD, "use of undeclared identifier 'nothing'", "util.c:1:30"),
    "clang-header": (BUILD, "a header is missing: xen/nonsuch.h", "main.c:1:10"),
    "cmake-compile": (BUILD, "does not compile: ", "util.c:1:30"),
    "cmake-config": (BUILD, "a library is missing: Nonsuch", "NonsuchConfig.cmake"),
    "cmake-message": (BUILD, "cmake fails: This needs a 36-bit machine", "CMakeLists.txt:3"),
    "cmake-module": (BUILD, "a library is missing: CURL", "CURL_LIBRARY"),
    "cmake-package": (BUILD, "a library is missing: Nonsuch", "CMakeLists.txt:3"),
    "cmake-pkgconfig": (BUILD, "a library is missing: nonsuch", "- nonsuch>=1"),
    "configure-error": (BUILD, "configure fails: libnonsuch is needed", "configure: error: lib"),
    "configure-pkgconfig": (BUILD, "a library is missing: nonsuch", "required by 'virtual:world'"),
    "ctest": (TEST, "its tests fail: adds", "***Failed"),
    "dh-addon": (BUILD, "a debhelper addon is missing: nonsuch", "unable to load addon"),
    "dh-command": (PACKAGE, "missing: dh_nonsuch", "make[1]: dh_nonsuch: No such"),
    "dh-install": (PACKAGE, "did not make: usr/bin/sample, usr/lib/libnonsuch.so.*", "usr/share"),
    "dh-missing": (PACKAGE, "takes these files: etc/sample.conf, usr/share/sample", "extra.txt"),
    "disk-full": (BUILD, "the disk is full", "error writing 'big'"),
    "dune-library": (BUILD, "an OCaml library is missing: nonsuch", 'File "bin/dune", line 1'),
    "dune-test": (TEST, "its tests fail: Assert_failure", "error handling: ok"),
    "dune-type": (BUILD, "does not compile: This constant has type", 'File "bin/main.ml", line 3'),
    "dune-unbound": (BUILD, "an OCaml module is missing: Nonsuch", 'File "bin/main.ml", line 2'),
    "dune-warning": (BUILD, "does not compile: unused value unused", 'File "bin/main.ml", line 1'),
    "gcc-error": (BUILD, "does not compile: ", "undeclared"),
    "gcc-header": (BUILD, "a header is missing: xen/nonsuch.h", "main.c:1:10"),
    "gcc-option": (BUILD, "unrecognized command-line option", "--nonsuch"),
    "gcc-werror": (BUILD, "does not compile: unused variable", "util.c:1:23"),
    "gencontrol": (PACKAGE, "cannot be made: parsing package 'sample' Depends", "not a relation"),
    "gensymbols": (PACKAGE, "the library lost symbols", "+++ dpkg-gensymbols"),
    "ld-library": (BUILD, "a library is missing: nonsuch", "cannot find -lnonsuch"),
    "ld-undefined": (BUILD, "does not link: undefined reference to `util'", "main.c:"),
    "lld-undefined": (BUILD, "does not link: undefined symbol: util", "main.c:"),
    "make-killed": (BUILD, "the machine ran out of memory", "Killed"),
    "make-no-rule": (BUILD, "No rule to make target 'nonsuch.o', needed by 'sample'", "nonsuch.o"),
    "make-segfault": (BUILD, "a program crashes: Segmentation fault", "./crash > out"),
    "make-separator": (BUILD, "make fails: missing separator", "Makefile:3"),
    "meson-compile": (BUILD, "does not compile: ", "../util.c:1:30"),
    "meson-dependency": (BUILD, "a library is missing: nonsuch", "tried pkgconfig and cmake"),
    "meson-error": (BUILD, "meson fails: Problem encountered: This needs", "meson.build:2"),
    "meson-program": (BUILD, "a program is missing: nonsuch-generator", "meson.build:2"),
    "meson-test": (TEST, "its tests fail: adds", "FAIL"),
    "network": (BUILD, "it wants the network", "gaierror"),
    "network-git": (BUILD, "it wants the network", "example.org"),
    "ninja-missing": (BUILD, "ninja fails: 'nonsuch.c', needed by 'out'", "nonsuch.c"),
    "ocamlfind": (BUILD, "an OCaml library is missing: nonsuch", "ocamlfind: Package"),
    "ocamlopt-syntax": (BUILD, "does not compile: Syntax error", 'File "main.ml", line 1'),
    "patch-applied": (UNPACK, "a patch is applied already", "patching file main.c"),
    "patch-dpkg": (UNPACK, "a patch does not apply", "applying fix.patch"),
    "patch-no-file": (UNPACK, "a patch does not apply", "nonsuch.c"),
    "patch-rejected": (UNPACK, "a patch does not apply", "Hunk #1 FAILED at 1"),
    "perl-module": (BUILD, "a Perl module is missing: Nonsuch/Module.pm", "@INC"),
    "pytest": (TEST, "its tests fail: assert 2 == 3", "def test_adds"),
    "pytest-import": (TEST, "a Python module is missing: nonsuch", "import nonsuch"),
    "python-module": (BUILD, "a Python module is missing: nonsuch", "from nonsuch import version"),
    "python-setup": (BUILD, "Python program fails: ValueError: no version found", "raise ValueErr"),
    "python-syntax": (BUILD, "a Python file is wrong: SyntaxError", "def f(:"),
    "rpm-build": (BUILD, "does not compile: ", "x.c:1:25"),
    "rpm-check": (TEST, "its tests fail", "sums differ"),
    "rpm-install": (PACKAGE, "a file is missing: nonsuch", "cannot stat 'nonsuch'"),
    "rpm-missing-file": (PACKAGE, "did not make: /usr/bin/nonsuch, /usr/share/nonsuch", "error: "),
    "rpm-prep": (UNPACK, "a patch does not apply", "Hunk #1 FAILED at 1"),
    "rpm-requires": (DEPENDENCIES, "build dependencies are not installed", "libother-devel >= 99"),
    "rpm-spec": (UNPACK, "the spec file is wrong: line 6: Unknown tag", "Nonsuch: tag"),
    "rpm-unpackaged": (PACKAGE, "takes these files: /usr/bin/extra, /usr/bin", "bin/more"),
    "sh-no-file": (BUILD, "missing: ./generate.sh", "make[1]: ./generate.sh"),
    "sh-not-found": (BUILD, "missing: nonsuch-generator", "nonsuch-generator --out x.c"),
    "shlibdeps": (PACKAGE, "that it is linked with: libown.so.1", "sample/usr/bin/sample"),
    "silent": (BUILD, "make fails at all", "0 errors, 0 failures"),
    "tap": (TEST, "its tests fail: adds", "ok 1 - error is reported"),
    "test-silent": (TEST, "its tests fail", "sums differ"),
    "unittest": (TEST, "its tests fail: test_raises (", "TypeError"),
}  # fmt: skip


def test_every_log_is_read() -> None:
    assert {file.stem for file in LOGS.iterdir()} == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_the_first_real_error_of_a_log_is_found(name: str) -> None:
    step, cause, line = EXPECTED[name]
    failure = explain((LOGS / f"{name}.log").read_text(), step)
    assert cause in failure.cause
    assert line in "\n".join(failure.lines)
    assert len(failure.lines) <= 30


@pytest.mark.parametrize("name", [name for name in EXPECTED if EXPECTED[name][0] in (BUILD, TEST)])
def test_a_long_success_before_changes_nothing(name: str) -> None:
    """What went well before the failing command began, as a test that prints what it expects."""
    good = (
        "   dh_auto_test\nFAIL: this is printed by a test of tests\nmain.c:1:1: error: expected\n"
    )
    step = EXPECTED[name][0]
    log = (LOGS / f"{name}.log").read_text()
    if "\n   d" in log:
        assert explain(good * 50 + log, step).cause == explain(log, step).cause


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("gcc-error", 'make -j2 "INSTALL=install --strip-program=true"'),
        ("dune-type", "debian/rules override_dh_auto_build"),
        ("shlibdeps", "dh_shlibdeps -a"),
        ("rpm-check", "/var/tmp/rpm-tmp."),
    ],
)
def test_the_command_that_failed_is_named(name: str, command: str) -> None:
    assert explain((LOGS / f"{name}.log").read_text(), BUILD).command.startswith(command)


@pytest.mark.parametrize(
    "line",
    [
        "gcc -Werror=format-security -Wno-error=unused -c error.c -o error.o",
        "checking for error... no",
        "checking whether strerror_r fails... no",
        "test_error_is_raised (test_x.Test.test_error_is_raised) ... ok",
        "PASS: test-error.sh",
        "XFAIL: old-bug",
        "not ok 2 - old bug # TODO some day",
        "not ok 3 - no display # SKIP",
        "1/2 Test #1: error-handling ...................   Passed    0.00 sec",
        "1/2 error-handling OK              0.00s",
        "make: [Makefile:2: all] Error 1 (ignored)",
        "0 errors, 0 failures",
        "parser says error: unexpected token, as it should",
        "warning: 'x' is deprecated, will be an error",
        "-- Could NOT find Doxygen (missing: DOXYGEN_EXECUTABLE)",
        "dh_install: warning: nothing to do",
        'Has header "nonsuch.h" : NO',
        "cat: VERSION: No such file or directory",
    ],
)
@pytest.mark.parametrize("step", [BUILD, TEST, PACKAGE])
def test_what_only_looks_like_an_error_is_none(line: str, step: str) -> None:
    assert explain(f"{line}\nlast line\n", step).cause == f"the step `{step}` failed"


@given(st.text(), st.sampled_from([UNPACK, DEPENDENCIES, BUILD, TEST, PACKAGE]))
def test_any_text_has_an_explanation(text: str, step: str) -> None:
    assert explain(text, step).cause


WORDS = st.sampled_from(
    [
        "Traceback (most recent call last):", " x", "CMake Error at x", "E   x", "make: *** [x] ",
        "x: 1: y: not found", "   /x", "FAIL: test_x (a.b)", "\x1b[1m", "==> x <==", "   dh_x", "",
    ]
)  # fmt: skip


@given(st.lists(WORDS, max_size=40), st.sampled_from([BUILD, TEST, PACKAGE]))
def test_any_lines_have_an_explanation(lines: list[str], step: str) -> None:
    assert explain("\n".join(lines), step).cause


@pytest.mark.parametrize(
    "lines", ["", " x", "CMake Error at x", "   /x", "x: 1: y: not found", "x" * 5000]
)
def test_many_lines_are_read_in_seconds(lines: str) -> None:
    text = f"{lines}\n" * (100_000 // (len(lines) + 1))
    began = time.process_time()
    explain(text, PACKAGE)
    assert time.process_time() - began < 5  # a tenth of what is read of a log; quadratic: minutes


def test_only_the_end_of_a_huge_log_is_read(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as stream:
        stream.truncate(100_000_000)  # a hole: nothing is written
        stream.seek(0, 2)
        stream.write(b"\nmain.c:1:2: error: late\n")
    text = read_end(log)
    assert len(text) <= 1 << 20
    assert "late" in explain(text, BUILD).cause


def test_what_an_earlier_build_logged_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("main.c:1:2: error: old\n")
    assert read_end(log, log.stat().st_size) == ""
