# SPDX-License-Identifier: Apache-2.0
"""What two families' packages of a component have: what differs is found, the families' own is not.

Packages that were built are compared by tests/support/both_families.py, after the end-to-end tests.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from xsbuild.distros.load import find_distros
from xsbuild.distros.model import Family
from xsbuild.errors import InputError
from xsbuild.manifest.model import Component, Package
from xsbuild.manifest.requirement import Capability
from xsbuild.parity.check import Pair, check_parity, compare_recipes, newest, pairs_of
from xsbuild.parity.compare import Aspect, Contents, Entry, compare
from xsbuild.parity.places import places_for
from xsbuild.parity.relations import Read, Vocabulary, deb_relations, rpm_relations
from xsbuild.parity.rules import RULES, Rule, rules_of
from xsbuild.project import Project
from xsbuild.settings import Folders, Settings

ROOT = Path(__file__).parents[3]
DISTROS = find_distros([ROOT / "distros"])
PROGRAM = "{sbindir}/salutd"
CONFIG = "{sysconfdir}/salutd/salutd.conf"
SALUTD = Contents(
    entries={
        PROGRAM: Entry("file", 0o755, "root:root"),
        CONFIG: Entry("file", 0o644, "root:root", config=True),
        "{bindir}/salut": Entry("link", None, "root:root", PROGRAM),
        "{sharedstatedir}/salutd": Entry("directory", 0o755, "salutd:salutd"),
    },
    units={"salutd.service": "enabled"},
    users=frozenset(['u salutd - "Greeting daemon" /var/lib/salutd']),
    libraries=frozenset(["libgreet.so"]),
    relations={Aspect.REQUIRES: frozenset(["greet-data", "python3"])},
)


def without(path: str) -> Contents:
    return replace(SALUTD, entries={p: e for p, e in SALUTD.entries.items() if p != path})


def other(path: str, entry: Entry) -> Contents:
    return replace(SALUTD, entries={**SALUTD.entries, path: entry})


PLANTED = [
    (without(PROGRAM), f"salutd: file {PROGRAM}: only in deb"),
    (without("{sharedstatedir}/salutd"), "salutd: file {sharedstatedir}/salutd: only in deb"),
    (other("{bindir}/new", Entry("file", 0o755)), "salutd: file {bindir}/new: only in rpm"),
    (
        other(PROGRAM, Entry("file", 0o4755, "root:root")),
        f"salutd: mode {PROGRAM}: 0755 in deb, 4755 in rpm",
    ),
    (
        other(PROGRAM, Entry("file", 0o755, "root:salutd")),
        f"salutd: owner {PROGRAM}: root:root in deb, root:salutd in rpm",
    ),
    (
        other(PROGRAM, Entry("link", None, "root:root", "{bindir}/true")),
        f"salutd: kind {PROGRAM}: file in deb, link in rpm",
    ),
    (
        other("{bindir}/salut", Entry("link", None, "root:root", "{bindir}/true")),
        f"salutd: link target {{bindir}}/salut: {PROGRAM} in deb, {{bindir}}/true in rpm",
    ),
    (
        other(CONFIG, Entry("file", 0o644, "root:root")),
        f"salutd: configuration file {CONFIG}: only in deb",
    ),
    (replace(SALUTD, units={}), "salutd: unit salutd.service: only in deb"),
    (
        replace(SALUTD, units={"salutd.service": "disabled"}),
        "salutd: unit salutd.service: enabled in deb, disabled in rpm",
    ),
    (
        replace(SALUTD, users=frozenset()),
        'salutd: user u salutd - "Greeting daemon" /var/lib/salutd: only in deb',
    ),
    (
        replace(SALUTD, libraries=frozenset(["libgreet.so", "libselinux.so"])),
        "salutd: linked library libselinux.so: only in rpm",
    ),
    (
        replace(SALUTD, relations={Aspect.REQUIRES: frozenset(["python3"])}),
        "salutd: requires greet-data: only in deb",
    ),
]


@pytest.mark.parametrize(("rpm", "difference"), PLANTED, ids=[text for _, text in PLANTED])
def test_a_planted_difference_is_found(rpm: Contents, difference: str) -> None:
    assert [*map(str, compare({"salutd": SALUTD}, {"salutd": rpm}))] == [difference]


@pytest.mark.parametrize(("deb", "rpm", "is_rule"), [(0o644, 0o755, True), (0o600, 0o755, False)])
def test_libraries_are_programs_for_rpm_alone(deb: int, rpm: int, *, is_rule: bool) -> None:
    path = "{libdir}/libgreet.so.1.2.0"
    ours, theirs = (other(path, Entry("file", mode)) for mode in (deb, rpm))
    assert (list(compare({"a": ours}, {"a": theirs})) == []) is is_rule


def test_packages_that_are_the_same_have_no_differences() -> None:
    assert list(compare({"salutd": SALUTD}, {"salutd": SALUTD})) == []


def test_a_package_of_one_family_is_a_difference_unless_it_is_for_debuggers() -> None:
    deb = {"salutd": SALUTD, "salutd-dbgsym": SALUTD, "salutd-doc": SALUTD}
    rpm = {"salutd": SALUTD, "salutd-debuginfo": SALUTD, "salutd-debugsource": SALUTD}
    assert [*map(str, compare(deb, rpm))] == ["package salutd-doc: only in deb"]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.aspect == "file"], ids=str)
def test_what_a_family_adds_by_its_own_rule_is_none_and_elsewhere_is_one(rule: Rule) -> None:
    path = rule.subject.replace("*", "/x").replace("[cs]", "s")
    more = {"a": other(path, Entry("file", 0o644))}
    less = {"a": SALUTD}
    by_family = {Family.DEB: (more, less), Family.RPM: (less, more)}
    for family, (deb, rpm) in by_family.items():
        others = [r for r in RULES if r is not rule and r.aspect == "file" and r.family == family]
        allowed = rule.family in (None, family) or any(r.subject == rule.subject for r in others)
        assert (list(compare(deb, rpm)) == []) is allowed


def test_a_directory_counts_where_nothing_is_in_it() -> None:
    folder = {"{datadir}": Entry("directory", 0o755, filled=True)}
    deb = replace(SALUTD, entries={**SALUTD.entries, **folder})
    assert list(compare({"salutd": deb}, {"salutd": SALUTD})) == []


@pytest.mark.parametrize(
    ("deb", "rpm"),
    [
        ("{libdir}/libgreet.so.*", "{libdir}/libgreet.so.1*"),
        ("{datadir}/greet", "{datadir}/greet/formats"),
        ("{mandir}/man8/salutd.8", "{mandir}/man8/salutd.8"),
    ],
)
def test_recipes_may_name_files_in_different_words(deb: str, rpm: str) -> None:
    ours, theirs = (Contents(entries={path: Entry()}) for path in (deb, rpm))
    assert list(compare({"a": ours}, {"a": theirs})) == []


def rules(**facts: object) -> list[Rule]:
    """What the manifest explains, where it says something of a component."""
    component = {
        "summary": "Sample", "description": "Sample", "homepage": "https://example.org",
        "license": "MIT", "version": "1.0", **facts,
    }  # fmt: skip
    return list(rules_of(Component.model_validate(component)))


def test_links_are_configuration_for_rpm_alone() -> None:
    path = "{sysconfdir}/xen/scripts/block"
    deb, rpm = (Entry("link", None, "root:root", PROGRAM, config=value) for value in (False, True))
    assert list(compare({"a": other(path, deb)}, {"a": other(path, rpm)})) == []


@pytest.mark.parametrize("rpm", [rpm for rpm, _ in PLANTED], ids=[text for _, text in PLANTED])
def test_the_manifest_can_explain_a_difference(rpm: Contents) -> None:
    (subject,) = (found.subject for found in compare({"a": SALUTD}, {"a": rpm}))
    explained = rules(differs={subject: "for a test"})
    assert list(compare({"a": SALUTD}, {"a": rpm}, explained)) == []
    other_words = rules(differs={"{libexecdir}/*": "for a test"})
    assert len(list(compare({"a": SALUTD}, {"a": rpm}, other_words))) == 1


@pytest.mark.parametrize(
    ("deb", "rpm", "place"),
    [
        ("/usr/lib/x86_64-linux-gnu/libgreet.so.1", "/usr/lib64/libgreet.so.1",
         "{libdir}/libgreet.so.1"),
        ("/usr/lib/x86_64-linux-gnu/ocaml/5.3.0/ogreet", "/usr/lib64/ocaml/ogreet",
         "{ocamldir}/ogreet"),
        ("/usr/lib/python3/dist-packages/greet", "/usr/lib/python3.14/site-packages/greet",
         "{python3_sitelib}/greet"),
        ("/usr/lib/python3/dist-packages/x.so", "/usr/lib64/python3.14/site-packages/x.so",
         "{python3_sitelib}/x.so"),
        ("/lib/systemd/system/a.service", "/usr/lib/systemd/system/a.service",
         "{unitdir}/a.service"),
        ("/usr/share/man/man8/a.8.gz", "/usr/share/man/man8/a.8.zst", "{mandir}/man8/a.8"),
        ("/var/lib/a/", "/var/lib/a", "{sharedstatedir}/a"),
        ("/usr/lib/xen-4.20/bin", "/usr/lib/xen-4.20/bin", "{prefix}/lib/xen-4.20/bin"),
        ("/opt/xensource", "/opt/xensource", "/opt/xensource"),
    ],
)  # fmt: skip
def test_a_path_has_the_same_place_in_both_families(deb: str, rpm: str, place: str) -> None:
    debian, centos = DISTROS.get("debian-13"), DISTROS.get("centos-stream-10")
    assert places_for(debian, centos).of(deb) == place
    assert places_for(centos, debian).of(rpm) == place


def test_places_that_a_distro_merged_are_the_same_for_both() -> None:
    debian = DISTROS.get("debian-13")
    fedora = DISTROS.get("centos-stream-10").model_copy(
        update={"places": {"sbindir": "%{_bindir}"}}
    )
    assert places_for(debian, fedora).of("/usr/sbin/x") == "{bindir}/x"
    assert places_for(fedora, debian).of("/usr/bin/x") == "{bindir}/x"


DEB_NAMES = {
    Capability("bin", "python3"): ("python3",),
    Capability("pkgconfig", "greet"): ("greet-devel",),
    Capability("bin", "logrotate"): ("logrotate",),
    Capability("python3dist", "lxml"): ("python3-lxml",),
    Capability("package", "deb: only-deb"): ("only-deb",),
}
RPM_NAMES = {
    Capability("bin", "python3"): ("python3-minimal",),
    Capability("pkgconfig", "greet"): ("pkgconfig(greet)",),
    Capability("bin", "logrotate"): ("/usr/bin/logrotate",),
    Capability("python3dist", "lxml"): ("python3dist(lxml)",),
    Capability("package", "deb: only-deb"): (),
}


def requirements(stated: list[str], deb: str, rpm: list[str]) -> tuple[list[str], list[str]]:
    """What relations mean in words that are the same for both families."""
    package = Package.model_validate({"requires": tuple(stated)})
    lines = [f"REQUIRES\t{line}" for line in rpm]
    found = []
    for family, names, version, relations in (
        (Family.DEB, DEB_NAMES, "1.2-1~deb13", deb_relations({"Depends": deb})),
        (Family.RPM, RPM_NAMES, "1.2-1.el10", rpm_relations(lines)),
    ):
        vocabulary = Vocabulary(family, names, version, {"greet-libs"})
        contents = vocabulary.contents(Read(Contents(), relations), package)
        found.append(sorted(contents.relations[Aspect.REQUIRES]))
    return found[0], found[1]


@pytest.mark.parametrize(
    ("stated", "deb", "rpm", "meaning"),
    [
        (["greet-data"], "greet-data", ["greet-data  "], ["greet-data"]),
        (["bin(logrotate)"], "logrotate", ["/usr/bin/logrotate"], ["bin(logrotate)"]),
        (["pkgconfig(greet) >= 1.0, < 2"], "greet-devel (>= 1.0), greet-devel (<< 2~)",
         ["pkgconfig(greet) >= 1.0", "pkgconfig(greet) < 2"], ["pkgconfig(greet) >= 1.0, < 2"]),
        (["greet-data"], "greet-data (= 1.2-1~deb13)", ["greet-data = 1.2-1.el10"],
         ["greet-data of this version"]),
        (["greet-libs"], "greet-libs (= 1.2-1~deb13)", ["greet-libs(x86-64) = 1.2-1.el10"],
         ["greet-libs of this version"]),
        (["package(deb: only-deb)"], "only-deb", [], ["package(deb: only-deb)"]),
        # what the families' tools find by themselves
        ([], "python3:any (>= 3.13~)", ["python(abi) = 3.12", "/usr/bin/python3"], ["python3"]),
        (["bin(python3)"], "python3:any", ["python3-minimal", "python(abi) = 3.12"], ["python3"]),
        ([], "python3-foo.bar", ["python3.12dist(foo-bar)"], ["python3dist(foo-bar)"]),
        (["python3dist(lxml)"], "python3-lxml", ["python3dist(lxml)"], ["python3dist(lxml)"]),
        ([], "libc6 (>= 2.34), greet-libs (>= 1.0), zlib1g",
         ["libc.so.6(GLIBC_2.34)(64bit)", "libgreet.so.1()(64bit)", "rtld(GNU_HASH)"], []),
        ([], "", ["rpmlib(FileDigests) <= 4.6.0-1", "config(salutd) = 0.9-2"], []),
        ([], "a | b", ["(a or b)"], ["a | b"]),
    ],
)  # fmt: skip
def test_relations_mean_requirements(
    stated: list[str], deb: str, rpm: list[str], meaning: list[str]
) -> None:
    ours, theirs = requirements(stated, deb, rpm)
    assert ours == meaning
    # what the manifest names for one family alone is explained
    assert theirs == [text for text in meaning if "deb:" not in text]


def test_a_bound_that_is_missing_is_a_difference() -> None:
    deb, rpm = requirements(["pkgconfig(greet) >= 1.0"], "greet-devel", ["pkgconfig(greet) >= 1.0"])
    assert (deb, rpm) == (["pkgconfig(greet)"], ["pkgconfig(greet) >= 1.0"])


PAIR = Pair(DISTROS.get("debian-13"), DISTROS.get("centos-stream-10"))


def project_in(folder: Path) -> Project:
    """A copy of the test project, whose recipes a test may override."""
    shutil.copytree(
        ROOT / "tests/support/project",
        folder / "project",
        ignore=shutil.ignore_patterns("upstream"),
    )
    settings = Settings(Folders(folder / "cache", folder / "data", folder / "config"))
    return Project(folder / "project/components.yaml", settings)


def test_the_recipes_of_the_test_project_agree(tmp_path: Path) -> None:
    project = project_in(tmp_path)
    assert list(check_parity(project, [PAIR.deb, PAIR.rpm])) == []


def replaced(old: str, new: str) -> str:
    """A recipe that changes a line of the shipped one."""
    text = (ROOT / "systems/_base/spec.j2").read_text()
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("make", "difference"),
    [
        (lambda: replaced("{{ line }}\n{% endfor %}\n{% endfor %}\n{% endblock %}\n\n%changelog",
                          "{{ line | replace('%config(noreplace) ', '') }}\n{% endfor %}\n"
                          "{% endfor %}\n{% endblock %}\n\n%changelog"),
         "salutd: configuration file {sysconfdir}/logrotate.d/salutd: only in deb"),
        (lambda: replaced("{% if main.units %}\n%{?systemd_requires}",
                          "Requires: sudo\n{% if main.units %}\n%{?systemd_requires}"),
         "salutd: requires sudo: only in rpm"),
        (lambda: replaced("%files{{", "%files{{ ' -f more' if 0 }}{{").replace(
            "\n\n%changelog", "%{_bindir}/more\n\n%changelog"),
         "salutd: file {bindir}/more: only in rpm"),
    ],
    ids=["config", "requires", "file"],
)  # fmt: skip
def test_a_recipe_that_departs_from_the_manifest_is_found(
    tmp_path: Path, make: Callable[[], str], difference: str
) -> None:
    project = project_in(tmp_path)
    base = project.root / "systems/_base"
    base.mkdir(parents=True)
    (base / "spec.j2").write_text(make())
    assert difference in map(str, compare_recipes(project, "salutd", PAIR))


def test_a_distro_of_each_family_is_needed() -> None:
    with pytest.raises(InputError, match="needs a distro of each"):
        pairs_of([DISTROS.get("debian-12"), DISTROS.get("debian-13")])


def test_each_distro_is_compared_once() -> None:
    names = ("debian-12", "fedora-44", "debian-13", "rocky-9")
    pairs = pairs_of([DISTROS.get(name) for name in names])
    assert [*map(str, pairs)] == [
        "debian-12, fedora-44", "debian-13, fedora-44", "debian-12, rocky-9",
    ]  # fmt: skip


def test_the_newest_of_each_kind_are_compared_by_default() -> None:
    names = {distro.name for distro in newest(DISTROS.all())}
    assert {"debian-13", "fedora-44", "centos-stream-10"} <= names
    assert not names & {"debian-12", "debian-sid", "fedora-43", "fedora-rawhide", "rocky-9"}
