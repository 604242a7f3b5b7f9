# SPDX-License-Identifier: Apache-2.0
"""Errors in a manifest: file, line, key, what was expected, what to do."""

from pathlib import Path

import pytest

from xsbuild.errors import InputError, ProblemsError
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.model import Build, GitSource, LocalSource

PRODUCT = """\
product:
  name: greeting
  title: Greeting
  homepage: https://example.org/
  license: MIT
  maintainer: A Packager <packager@example.org>
  version: 1.0.0
  date: 2026-11-22
"""
GOOD = """\
components:
  greet:
    summary: Program that greets
    description: Greets.
    homepage: https://example.org/greet
    license: MIT
    version: 1.2.0
    sources:
      - {git: "https://example.org/greet.git", tag: "v{version}"}
      - {name: extra, local: extra}
    patches: [polite.patch]
    provider: {version: ">= 1", offers: [bin(greet)]}
    compatible: {words: ">= 1, < 2"}
    build:
      system: make
      requires: [bin(gcc), words]
      options: ["PREFIX={prefix}"]
      environment: {VERSION: "{version}"}
    packages:
      greet:
        requires: [words]
        files: ["{bindir}/greet"]
        units: [greet.service]
    changelog:
      - {version: 1.2.0-1, date: 2026-11-22, changes: [First package]}
  words:
    summary: Words to greet with
    description: Words.
    homepage: https://example.org/words
    license: MIT
    version: "1.0"
    sources: [{local: extra}]
    build: {system: none}
    packages:
      words: {architecture: all, install: [{source: words, to: "{datadir}"}]}
    changelog:
      - {version: 1.0-1, date: 2026-11-22, changes: [First package]}
meta-packages:
  all:
    summary: Everything
    description: Everything.
    requires: [greet, bin(sh)]
"""
PATCH = """\
Description: Be polite
Origin: vendor
Forwarded: no
Last-Update: 2026-11-22
---
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "extra").mkdir()
    (tmp_path / "patches/greet").mkdir(parents=True)
    (tmp_path / "patches/greet/polite.patch").write_text(PATCH)
    return tmp_path


def problems_of(folder: Path, text: str) -> list[str]:
    file = folder / "components.yaml"
    file.write_text(text)
    with pytest.raises(ProblemsError) as error:
        load_manifest(file)
    assert error.value.exit_status == 2
    assert {problem.file for problem in error.value.problems} == {file}
    return [
        f"{item.line}: {item.key}: {item.message}".replace(str(folder), "FOLDER")
        + (f" ({item.hint})" if item.hint else "")
        for item in error.value.problems
    ]


def test_reads_what_is_right(folder: Path) -> None:
    (folder / "components.yaml").write_text(PRODUCT + GOOD)
    manifest = load_manifest(folder / "components.yaml")
    greet = manifest.components["greet"]
    assert greet.sources == (
        GitSource(git="https://example.org/greet.git", tag="v{version}"),
        LocalSource(name="extra", local="extra"),
    )
    assert greet.build is not None
    assert [str(item) for item in greet.build.requires] == ["bin(gcc)", "words"]
    assert [(unit.name, unit.enable) for unit in greet.packages["greet"].units] == [
        ("greet.service", True)
    ]
    assert list(manifest.meta_packages) == ["all"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            "    license: MIT\n    version: 1.2",
            "    licence: MIT\n    version: 1.2",
            [
                "2: components.greet.license: missing",
                "6: components.greet.licence: unknown key (did you mean `license`?)",
            ],
            id="unknown key",
        ),
        pytest.param(
            "build: {system: none}",
            "build: {system: none, colour: red}",
            [
                "33: components.words.build.colour: unknown key (known keys: check, check-requires,"
                " environment, memory, options, requires, silence, subdirectory, system, timeout)"
            ],
            id="unknown key that is near to none",
        ),
        pytest.param(
            "local: extra}\n",
            "local: extra, tga: v1}\n",
            [
                "10: components.greet.sources[1].tga: "
                "unknown key (known keys: local, name, submodules)"
            ],
            id="unknown key of one kind of source",
        ),
        pytest.param(
            "{name: extra, local: extra}",
            "{name: extra, locale: extra}",
            [
                "10: components.greet.sources[1]: a source has exactly one of url, git, pypi,"
                " debian-pool, local, vendored"
            ],
            id="no known kind of source",
        ),
        pytest.param(
            'version: "1.0"',
            "version: 1.0",
            ["31: components.words.version: expected text, not a number (put it in quotes)"],
            id="version without quotes",
        ),
        pytest.param(
            "system: make",
            "system: cmak",
            [
                "15: components.greet.build.system: expected one of autotools, cargo, cmake,"
                " dune, go, make, meson, none, python (did you mean `cmake`?)"
            ],
            id="unknown build system",
        ),
        pytest.param(
            "requires: [bin(gcc), words]",
            "requires: bin(gcc)",
            ["16: components.greet.build.requires: expected a list, not text"],
            id="text where a list belongs",
        ),
        pytest.param(
            "build: {system: none}",
            "build: none",
            ["33: components.words.build: expected a mapping, not text"],
            id="text where a mapping belongs",
        ),
        pytest.param(
            "    homepage: https://example.org/greet\n",
            "",
            ["2: components.greet.homepage: missing"],
            id="missing key",
        ),
        pytest.param(
            "homepage: https://example.org/words",
            "homepage: example.org",
            [
                "29: components.words.homepage: expected a URL such as https://example.org,"
                " not 'example.org'"
            ],
            id="no address",
        ),
        pytest.param(
            "    version: 1.2.0\n",
            "    version: 1.2.0\n    version: 1.3.0\n",
            ["8: components.greet.version: duplicate key; first on line 7"],
            id="duplicate key",
        ),
        pytest.param(
            "summary: Words to greet with",
            "summary: Words to greet with.",
            [
                "27: components.words.summary: expected one line of 4 to 79 characters without a"
                " full stop, not 'Words to greet with.'"
            ],
            id="summary with a full stop",
        ),
        pytest.param(
            "words: {architecture: all,",
            "words: {architecture: all, multi-arch: same,",
            [
                "35: components.words.packages.words: multi-arch: same requires architecture:"
                " any (deb-control(5))"
            ],
            id="one package for all architectures and for each",
        ),
        pytest.param(
            "words: {architecture: all,",
            'words: {architecture: all, provides: [speech >= 2, bin(speak), "x = 1, = 2"],',
            [
                "35: components.words.packages.words.provides[0]: expected at most one version,"
                " as `speech = 2`",
                "35: components.words.packages.words.provides[1]: expected the name of a virtual"
                " package, not bin(speak)",
                "35: components.words.packages.words.provides[2]: expected at most one version,"
                " as `x = 2`",
            ],
            id="no virtual package",
        ),
        pytest.param(
            "words: {architecture: all,",
            "words: {architecture: all, requires: [wrods | bin(x), words |bin(y), words | ],",
            [
                "35: components.words.packages.words.requires[1]: expected a version range such"
                " as `>= 4.20, < 4.21`, not '|bin(y)'",
                "35: components.words.packages.words.requires[2]: expected a version range such"
                " as `>= 4.20, < 4.21`, not '|'",
            ],
            id="no alternatives",
        ),
        pytest.param(
            "words: {architecture: all,",
            "words: {architecture: all, requires: [wrods | bin(x)],",
            [
                "35: components.words.packages.words.requires[0]: unknown package wrods"
                " (did you mean `words`?)",
            ],
            id="unknown package among alternatives",
        ),
        pytest.param(
            "[bin(gcc), words]",
            "[bin(gcc) | words]",
            [
                "16: components.greet.build.requires[0]: expected a version range such as `>="
                " 4.20, < 4.21`, not '| words'",
            ],
            id="alternatives that a build could choose from",
        ),
        pytest.param(
            "words: {architecture: all,",
            "words: {architecture: all, symbols: words.symbols,",
            [
                "35: components.words.packages.words.symbols: file FOLDER/words.symbols does not"
                " exist"
            ],
            id="no symbols",
        ),
        pytest.param(
            "words: {architecture: all,",
            'words: {architecture: all, triggers: {paths: ["{libdir}/x", "/a b"], script: w},',
            [
                "35: components.words.packages.words.triggers.paths[1]: expected a path without"
                " spaces and wildcards, such as {datadir}/icons/, not '/a b'",
            ],
            id="no path of a trigger",
        ),
        pytest.param(
            "words: {architecture: all,",
            'words: {architecture: all, triggers: {paths: ["{libdir}/x", "{nodir}/"], script: w},',
            [
                "35: components.words.packages.words.triggers.paths[1]: unknown place {nodir}"
                " (did you mean `mandir`?)",
                "35: components.words.packages.words.triggers.paths[0]: {libdir} depends on the"
                " architecture, which a trigger cannot (name a path above it)",
            ],
            id="a trigger that depends on the architecture",
        ),
        pytest.param(
            "    build: {system: none}",
            "    tests: {control: {script: x}, smoke: {script: y, restrictions: [needs-rot]}}\n"
            "    build: {system: none}",
            [
                "33: components.words.tests.control: expected a name such as smoke, but not"
                " control, not 'control'",
                "33: components.words.tests.smoke.restrictions[0]: expected one of allow-stderr,"
                " breaks-testbed, build-needed, flaky, isolation-container, isolation-machine,"
                " needs-internet, needs-reboot, needs-root, rw-build-tree, skip-not-installable,"
                " skippable, superficial (did you mean `needs-root`?)",
            ],
            id="no test",
        ),
        pytest.param(
            '    version: "1.0"\n',
            '    version: "1.0"\n    epoch: 1\n',
            [
                "38: components.words.changelog[0].version: the newest entry is for 1.0-1,"
                " expected 1:1.0-1"
            ],
            id="changelog without the epoch",
        ),
        pytest.param(
            "[bin(gcc), words]",
            "[bni(gcc), words]",
            ["16: components.greet.build.requires[0]: unknown kind 'bni'; did you mean `bin`?"],
            id="unknown kind of capability",
        ),
        pytest.param(
            "[bin(gcc), words]",
            "[bin(gcc), wrods]",
            [
                "16: components.greet.build.requires[1]: unknown package wrods"
                " (did you mean `words`?)"
            ],
            id="unknown package",
        ),
        pytest.param(
            "requires: [greet, bin(sh)]",
            "requires: [libxml2, bin(sh)]",
            [
                "42: meta-packages.all.requires[0]: unknown package libxml2"
                " (write a package of the distro as a capability, such as bin(make))"
            ],
            id="a distro's package by its name",
        ),
        pytest.param(
            '">= 1, < 2"',
            '">= 1 < 2"',
            [
                "13: components.greet.compatible.words: expected a version range such as `"
                ">= 4.20, < 4.21`, not '>= 1 < 2'"
            ],
            id="no version range",
        ),
        pytest.param(
            "compatible: {words:",
            "compatible: {word:",
            ["13: components.greet.compatible.word: unknown component (did you mean `words`?)"],
            id="compatible with an unknown component",
        ),
        pytest.param(
            "sources: [{local: extra}]",
            "sources: [{local: exrta}]",
            ["32: components.words.sources[0].local: folder FOLDER/exrta does not exist"],
            id="no local folder",
        ),
        pytest.param(
            "sources: [{local: extra}]",
            "sources: [{local: ../extra}]",
            [
                "32: components.words.sources[0].local: expected a relative path without `..`"
                ", not '../extra'"
            ],
            id="local folder outside",
        ),
        pytest.param(
            "{name: extra, local: extra}",
            "{local: extra}",
            [
                "10: components.greet.sources[1].name: missing; "
                "required for every source after the first"
            ],
            id="second source without a name",
        ),
        pytest.param(
            'tag: "v{version}"',
            'tag: "v{versoin}"',
            [
                "9: components.greet.sources[0].tag: unknown place {versoin}"
                " (did you mean `version`?)"
            ],
            id="unknown name in a source",
        ),
        pytest.param(
            "sources: [{local: extra}]",
            "sources: [{url: https://example.org/words.tar.gz, sha256: 12ab}]",
            [
                "32: components.words.sources[0].sha256: expected a sha256 of 64 hexadecimal"
                " digits, not '12ab'"
            ],
            id="short sha256",
        ),
        pytest.param(
            "sources: [{local: extra}]",
            "sources: [{url: https://example.org/words.tar.gz, key: keys/words.asc}]",
            ["32: components.words.sources[0].key: file FOLDER/keys/words.asc does not exist"],
            id="no key",
        ),
        pytest.param(
            "patches: [polite.patch]",
            "patches: [rude.patch]",
            [
                "11: components.greet.patches[0]: "
                "file FOLDER/patches/greet/rude.patch does not exist"
            ],
            id="no patch",
        ),
        pytest.param(
            "{version: 1.2.0-1,",
            "{version: 1.1.0-1,",
            [
                "25: components.greet.changelog[0].version: the newest entry is for 1.1.0-1,"
                " expected 1.2.0-1"
            ],
            id="changelog of another version",
        ),
        pytest.param(
            "date: 2026-11-22, changes: [First package]}\n  words",
            "date: 2026-02-31, changes: [First package]}\n  words",
            [
                "25: components.greet.changelog[0].date: not a valid date, number or word"
                " (put text in quotes)"
            ],
            id="no day of the calendar",
        ),
        pytest.param(
            "date: 2026-11-22, changes: [First package]}\n  words",
            "date: yesterday, changes: [First package]}\n  words",
            ["25: components.greet.changelog[0].date: expected a date such as 2026-11-22"],
            id="no date",
        ),
        pytest.param(
            "changelog:\n      - {version: 1.0-1, date: 2026-11-22, changes: [First package]}",
            "changelog: []",
            ["36: components.words.changelog: missing; expected an entry for 1.0-1"],
            id="no changelog",
        ),
        pytest.param(
            "    build: {system: none}\n",
            "",
            ["26: components.words.build: missing; required unless the component has `provider`"],
            id="neither built nor provided",
        ),
        pytest.param(
            'files: ["{bindir}/greet"]',
            'files: ["{bindri}/greet"]',
            [
                "22: components.greet.packages.greet.files[0]: unknown place {bindri}"
                " (did you mean `bindir`?)"
            ],
            id="unknown place",
        ),
        pytest.param(
            'files: ["{bindir}/greet"]',
            'files: ["{bindir/greet"]',
            [
                "22: components.greet.packages.greet.files[0]: expected a place such as {bindir},"
                " not '{bindir/greet'"
            ],
            id="one brace",
        ),
        pytest.param(
            'files: ["{bindir}/greet"]',
            "files: [usr/bin/greet]",
            [
                "22: components.greet.packages.greet.files[0]: "
                "expected an absolute path or one that begins with a place, not 'usr/bin/greet'"
            ],
            id="relative path",
        ),
        pytest.param(
            '"PREFIX={prefix}"',
            '"PREFIX={perfix}"',
            [
                "17: components.greet.build.options[0]: unknown place {perfix}"
                " (did you mean `prefix`?)"
            ],
            id="unknown place in an option",
        ),
        pytest.param(
            'VERSION: "{version}"',
            'VERSION: "{verison}"',
            [
                "18: components.greet.build.environment.VERSION: unknown place {verison}"
                " (did you mean `version`?)"
            ],
            id="unknown name in the environment",
        ),
        pytest.param(
            "units: [greet.service]",
            "units: [{name: greet.service, enabel: false}]",
            [
                "23: components.greet.packages.greet.units[0].enabel: unknown key"
                " (did you mean `enable`?)"
            ],
            id="unknown key of a unit",
        ),
        pytest.param(
            "build: {system: none",
            "build: {memory: 8GB, system: none",
            ["33: components.words.build.memory: expected a size such as 8 GiB, not '8GB'"],
            id="no size of memory",
        ),
        pytest.param(
            "units: [greet.service]",
            "units: [greet]",
            [
                "23: components.greet.packages.greet.units[0]: expected a unit name such as greetd"
                ".service, not 'greet'"
            ],
            id="no name of a unit",
        ),
        pytest.param(
            "      words: {architecture",
            "      greet: {architecture",
            [
                "16: components.greet.build.requires[1]: unknown package words"
                " (write a package of the distro as a capability, such as bin(make))",
                "21: components.greet.packages.greet.requires[0]: unknown package words"
                " (write a package of the distro as a capability, such as bin(make))",
                "35: components.words.packages.greet: "
                "duplicate package; greet builds one of this name",
            ],
            id="a package of two components",
        ),
        pytest.param(
            "\n  all:\n",
            "\n  words:\n",
            ["39: meta-packages.words: duplicate package; words builds one of this name"],
            id="a meta-package called as a package",
        ),
        pytest.param(
            "  words:\n    summary",
            "  Words:\n    summary",
            [
                "13: components.greet.compatible.words: unknown component (did you mean `Words`?)",
                "26: components.Words: expected a name in lower-case letters, digits and +.-,"
                " not 'Words'",
            ],
            id="name of a component",
        ),
    ],
)
def test_says_what_is_wrong(folder: Path, old: str, new: str, expected: list[str]) -> None:
    assert GOOD.count(old) == 1
    assert problems_of(folder, GOOD.replace(old, new) + PRODUCT) == expected


def test_reports_everything_at_once(folder: Path) -> None:
    text = (
        GOOD.replace("license: MIT\n    version: 1.2", "licence: MIT\n    version: 1.2")
        .replace("sources: [{local: extra}]", "sources: [{local: nothing}]")
        .replace("[greet, bin(sh)]", "[gret, bin(sh)]")
    )
    assert problems_of(folder, text) == [
        "None: product: missing",
        "2: components.greet.license: missing",
        "6: components.greet.licence: unknown key (did you mean `license`?)",
        "32: components.words.sources[0].local: folder FOLDER/nothing does not exist",
        "42: meta-packages.all.requires[0]: unknown package gret (did you mean `greet`?)",
    ]


def test_an_alias_is_an_error(folder: Path) -> None:
    text = GOOD.replace("license: MIT\n    version: 1.2", "license: &mit MIT\n    version: 1.2")
    text = text.replace('license: MIT\n    version: "1', 'license: *mit\n    version: "1')
    assert problems_of(folder, text + PRODUCT) == [
        "30: components.words.license: aliases are not supported; write the value out"
    ]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "DEP-3 header lacks Description, Origin, Forwarded, Last-Update"),
        (PATCH.replace("2026-11-22", "22 November"), "Last-Update is not a date: 22 November"),
    ],
)
def test_a_patch_needs_a_header(folder: Path, header: str, expected: str) -> None:
    (folder / "patches/greet/polite.patch").write_text(f"{header}--- a/x\n+++ b/x\n")
    assert problems_of(folder, GOOD + PRODUCT) == [f"11: components.greet.patches[0]: {expected}"]


def test_the_file_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read "):
        load_manifest(tmp_path / "components.yaml")


def test_an_empty_file_is_no_manifest(folder: Path) -> None:
    assert problems_of(folder, "") == ["None: : expected a mapping, not nothing"]


@pytest.mark.parametrize(
    ("said", "size"), [(None, 0), ("512 MiB", 512 * 2**20), ("8 GiB", 8 * 2**30)]
)
def test_how_much_memory_a_build_needs(said: str | None, size: int) -> None:
    assert Build(system="none", memory=said).memory_bytes == size
