# SPDX-License-Identifier: Apache-2.0
import pytest

from capabilities.conftest import DATA, MakeIndex, distro
from capabilities.test_lock import lock
from xsbuild.capabilities.lockfile import Lock, ProviderFacts
from xsbuild.capabilities.make_lock import make_lock, not_locked
from xsbuild.capabilities.providers import Decision, Use, decide, mismatches
from xsbuild.manifest.model import Manifest
from xsbuild.manifest.requirement import parse_capability
from xsbuild.yamlfile import load

MANIFEST = load(DATA / "components.yaml", Manifest)


def facts(version: str | None, *missing: str) -> Lock:
    found = ProviderFacts(version=version, missing=tuple(map(parse_capability, missing)))
    return lock({}, providers={"xen": found, "ocaml": found, "make": found})


@pytest.mark.parametrize(
    ("name", "distro_name", "known", "asked", "use", "version", "reason"),
    [
        ("xen", "debian-13", facts("4.20.1-2"), None, "distro", "4.20.1", "debian-13 has 4.20.1"),
        ("xen", "debian-12", facts("4.17.7-1"), None, "build", "4.21.2", "which is not >= 4.20"),
        ("xen", "debian-13", facts("4.20-1", "bin(xl)"), None, "build", "4.21.2", "no bin(xl)"),
        ("xen", "rocky-10", facts(None), None, "build", "4.21.2", "rocky-10 does not have it"),
        ("xen", "rocky-10", None, None, "build", "4.21.2", "rocky-10 has no lock"),
        ("xen", "debian-14", facts("4.20-1"), None, "build", "4.21.2", "it lacks a patch"),
        ("xen", "debian-14", facts("4.20-1"), "distro", "distro", "4.20", "on the command line"),
        ("ocaml", "debian-13", facts("5.3-1"), None, "build", "4.21.2", "prefers to build"),
        ("make", "debian-13", facts("1:4.4.1-2"), None, "distro", "4.4.1", "debian-13 has 4.4.1"),
        ("daemon", "debian-13", facts("1-1"), None, "build", "4.21.2", "no distro provides it"),
    ],
)
def test_decide(
    name: str,
    distro_name: str,
    known: Lock | None,
    asked: Use | None,
    use: Use,
    version: str,
    reason: str,
) -> None:
    decision = decide(name, MANIFEST.components[name], distro(distro_name), known, asked)
    assert (decision.use, decision.version) == (use, version)
    assert reason in decision.reason


@pytest.mark.parametrize(
    ("known", "asked", "shown"),
    [
        (facts("4.20.1-2"), None, True),
        (facts(None), None, False),
        (facts("4.20.1-2"), "build", False),
        (facts(None), "distro", True),
        (None, "distro", True),
    ],
)
def test_says_what_the_distro_lacks_where_it_is_used(
    known: Lock | None, asked: Use | None, shown: bool
) -> None:
    component = MANIFEST.components["xen"]
    assert component.provider
    provider = component.provider.model_copy(update={"lacks": "no guests of kind X"})
    component = component.model_copy(update={"provider": provider})
    decision = decide("xen", component, distro("debian-13"), known, asked)
    assert ("no guests of kind X" in decision.reason) is shown


@pytest.mark.parametrize(
    ("version", "expected"),
    [("4.20.4", ["daemon goes with xen >= 4.21, not 4.20.4"]), ("4.21.2", []), (None, [])],
)
def test_mismatches(version: str | None, expected: list[str]) -> None:
    decisions = {name: Decision("build", "", "1") for name in MANIFEST.components}
    decisions["xen"] = Decision("distro", "", version)
    assert [str(item) for item in mismatches(MANIFEST, decisions, distro("debian-13"))] == expected


def test_what_the_distro_provides_goes_together() -> None:
    decisions = {name: Decision("distro", "", "4.20") for name in MANIFEST.components}
    assert list(mismatches(MANIFEST, decisions, distro("debian-13"))) == []


def test_make_lock(make_index: MakeIndex) -> None:
    index = make_index(
        "xen-utils 4.20.1-1 | Source: xen\nlibxen-dev 4.20.1-1+b1 | Source: xen (4.20.1-1)\n"
        "make 4.4.1-2 | Source: make-dfsg (4.4.1-2)",
        "usr/sbin/xl xen-utils\nusr/lib/x86_64-linux-gnu/pkgconfig/xencontrol.pc libxen-dev",
    )
    locking = make_lock(MANIFEST, distro("debian-13"), index)
    made = locking.lock
    assert {str(name): item.package for name, item in made.capabilities.items()} == {
        "bin(xl)": "xen-utils",
        "pkgconfig(xencontrol)": "libxen-dev",
    }
    # header(d.h) comes from a component that is always built; file(/etc/gone) from nowhere
    assert list(map(str, made.missing)) == ["file(/etc/gone)"]
    assert locking.users[parse_capability("bin(xl)")] == ("xen", "everything")
    assert made.providers["xen"] == ProviderFacts(version="4.20.1-1")
    assert made.providers["ocaml"] == ProviderFacts(version=None)
    assert not_locked(MANIFEST, made, distro("debian-13")) == {}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("debian-13", {"bin(xl)", "pkgconfig(xencontrol)", "file(/etc/gone)"}),
        # rpm finds files by itself; what decides on a provider is looked up all the same
        ("fedora-44", {"bin(xl)", "pkgconfig(xencontrol)"}),
    ],
)
def test_not_locked(name: str, expected: set[str]) -> None:
    empty = lock({}, providers={"xen": ProviderFacts()})
    assert set(map(str, not_locked(MANIFEST, empty, distro(name)))) == expected
