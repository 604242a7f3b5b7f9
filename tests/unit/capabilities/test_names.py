# SPDX-License-Identifier: Apache-2.0
import pytest

from capabilities.conftest import distro
from capabilities.test_lock import lock
from xsbuild.capabilities.lockfile import Lock
from xsbuild.capabilities.names import NotLockedError, known_names, meta_names, names_for
from xsbuild.errors import InputError
from xsbuild.manifest.requirement import (
    Capability,
    parse_alternatives,
    parse_capability,
    parse_requirement,
)

LOCK = lock(
    {
        "pkgconfig(zlib)": ("zlib1g-dev", "1:1.2.13-1"),
        "bin(ip)": ("iproute2", "6.1-1"),
        "bin(dune)": ("ocaml-dune", "2.9.3-1"),
        "header(xen/xen.h)": ("libxen-dev", "4.17.7+13-gabc-0+deb12u1"),
    },
    missing=("ocamlfind(rpclib)",),
)
INTERNAL = {
    Capability("ocamlfind", "rpclib"): ("librpclib-ocaml-dev",),
    Capability("", "sm"): ("sm",),
    Capability("", "mail-agent"): ("exim", "postfix"),
}


@pytest.mark.parametrize(
    ("requirement", "family", "expected"),
    [
        ("sm", "deb", ("sm",)),
        ("mail-agent", "deb", ("mail-agent",)),
        ("mail-agent", "rpm", ("mail-agent",)),
        ("ocamlfind(rpclib) >= 9", "deb", ("librpclib-ocaml-dev",)),
        ("kernel(dom0)", "deb", ("linux-image-amd64",)),
        ("package(deb: x, rpm: y)", "deb", ("x",)),
        ("package(rpm: y)", "deb", ()),
        ("pkgconfig(zlib) >= 1.2", "deb", ("zlib1g-dev",)),
        ("pkgconfig(zlib)", "rpm", ("pkgconfig(zlib)",)),
        ("cmake(fmt)", "rpm", ("cmake(fmt)",)),
        ("perl(XML::LibXML)", "rpm", ("perl(XML::LibXML)",)),
        ("python3dist(setuptools)", "rpm", ("python3dist(setuptools)",)),
        ("bin(gcc)", "rpm", ("/usr/bin/gcc",)),
        ("bin(ip)", "rpm", ("iproute2",)),
        ("file(/etc/hosts)", "rpm", ("/etc/hosts",)),
        ("header(xen/xen.h)", "rpm", ("libxen-dev",)),
        ("package(deb: x, rpm: y)", "rpm", ("y",)),
    ],
)
def test_names_for(requirement: str, family: str, expected: tuple[str, ...]) -> None:
    wanted = parse_requirement(requirement)
    target = distro("debian-12" if family == "deb" else "fedora-44")
    assert names_for([wanted], target, LOCK, INTERNAL) == {wanted.capability: expected}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bin(nosuch) | bin(ip)", {"bin(nosuch)": (), "bin(ip)": ("iproute2",)}),
        ("sm | mail-agent", {"sm": ("sm",), "mail-agent": ("mail-agent",)}),
        ("bin(dune) >= 3 | package(rpm: y) | bin(ip)", {
            "bin(dune)": (), "package(rpm: y)": (), "bin(ip)": ("iproute2",),
        }),
    ],
)  # fmt: skip
def test_one_of_several_has_a_name(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    wanted = parse_alternatives(text)
    for found in (
        names_for([wanted], distro("debian-12"), LOCK, INTERNAL),
        meta_names([wanted], [distro("debian-12")], {"debian-12": LOCK}, INTERNAL),
    ):
        assert {str(capability): names for capability, names in found.items()} == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ocamlfind(rpclib)", {"ocamlfind(rpclib)": ()}),
        ("bin(dune) >= 3", {"bin(dune)": ()}),
        ("bin(dune) >= 3 | ocamlfind(rpclib)", {"bin(dune)": (), "ocamlfind(rpclib)": ()}),
        ("bin(ip)", {"bin(ip)": ("iproute2",)}),
    ],
)
def test_what_is_weak_is_omitted_where_the_distro_lacks_it(
    text: str, names: dict[str, tuple[str, ...]]
) -> None:
    weak = parse_alternatives(text)
    found = names_for([weak], distro("debian-12"), LOCK, {}, weak={weak})
    assert {str(capability): those for capability, those in found.items()} == names


@pytest.mark.parametrize(("text", "known"), [("bin(nosuch)", LOCK), ("bin(ip)", None)])
def test_what_is_weak_and_not_in_the_lock_is_an_error(text: str, known: Lock | None) -> None:
    weak = parse_alternatives(text)
    with pytest.raises(InputError, match="not locked"):
        names_for([weak], distro("debian-12"), known, {}, weak={weak})


def test_none_of_several_has_a_name() -> None:
    wanted = parse_alternatives("bin(nosuch) | bin(dune) >= 3")
    target = distro("debian-12")
    with pytest.raises(InputError) as of_component:
        names_for([wanted], target, LOCK, INTERNAL)
    with pytest.raises(InputError) as of_meta:
        meta_names([wanted], [target], {target.name: LOCK}, INTERNAL)
    for caught in (of_component, of_meta):
        assert "bin(nosuch): not locked" in str(caught.value)
        assert "bin(dune) >= 3: debian-12 has ocaml-dune 2.9.3-1" in str(caught.value)


def test_everything_that_is_not_found_is_one_error() -> None:
    wanted = ["bin(dune) >= 3.20", "header(vhd/libvhd.h)", "ocamlfind(rpclib)", "bin(ip)", "blktap"]
    with pytest.raises(InputError) as caught:
        names_for(map(parse_requirement, wanted), distro("debian-12"), LOCK, {}, needed_by="xapi")
    assert str(caught.value).splitlines() == [
        "capabilities needed by xapi have no package on debian-12",
        "  bin(dune) >= 3.20: debian-12 has ocaml-dune 2.9.3-1",
        "  header(vhd/libvhd.h): not locked",
        "  ocamlfind(rpclib): not in debian-12",
        "  blktap: no package of the manifest that is built here",
    ]
    assert caught.value.hint is not None
    assert "`xsbuild lock --distro debian-12`" in caught.value.hint


def test_without_a_lock() -> None:
    with pytest.raises(InputError, match=r"bin\(ip\): not locked"):
        names_for([parse_requirement("bin(ip)")], distro("debian-12"), None, {})


@pytest.mark.parametrize(
    ("requirement", "names"),
    [
        ("bin(gcc)", ("/usr/bin/gcc",)),
        ("bin(gcc) >= 13", ()),
        ("header(xen/xen.h)", ("%{_includedir}/xen/xen.h",)),
        ("header(bzlib.h)", ("%{_includedir}/bzlib.h",)),
        ("header(xen/xen.h) >= 4", ()),
        ("unit(x.service)", ("/usr/lib/systemd/system/x.service",)),
        ("file(/usr/share/x)", ("/usr/share/x",)),
        ("pkgconfig(zlib) >= 1.2", ("pkgconfig(zlib)",)),
        ("cmake(fmt)", ("cmake(fmt)",)),
        ("perl(XML::LibXML)", ("perl(XML::LibXML)",)),
        ("python3dist(six)", ("python3dist(six)",)),
        ("ocamlfind(re)", ()),
        ("python3(six)", ()),
    ],
)
@pytest.mark.parametrize("locked", [None, lock({"bin(ip)": ("iproute", "6")})])
def test_rpm_knows_names_and_paths_that_no_lock_has(
    requirement: str, names: tuple[str, ...], locked: Lock | None
) -> None:
    wanted, target = parse_requirement(requirement), distro("fedora-44")
    found, problems = known_names([wanted], target, locked, {})
    assert found == {wanted.capability: names}
    assert list(problems) == ([] if names else [wanted])


@pytest.mark.parametrize(
    "requirement", ["header(bzlib.h)", "unit(x.service)", "file(/usr/share/x)"]
)
def test_what_a_lock_misses_is_not_there(requirement: str) -> None:
    wanted, target = parse_requirement(requirement), distro("fedora-44")
    missing = lock({}, missing=(str(wanted.capability),))
    assert list(known_names([wanted], target, missing, {})[1].values()) == [
        f"{wanted.capability}: not in fedora-44"
    ]
    unlocked = known_names([wanted], distro("debian-12"), None, {})[1]
    assert list(unlocked.values()) == [f"{wanted.capability}: not locked"]


def test_an_error_names_the_package_that_requires_it() -> None:
    wanted = parse_requirement("ocamlfind(rpclib)")
    with pytest.raises(InputError, match=r"not in debian-12, required by xapi-devel"):
        names_for([wanted], distro("debian-12"), LOCK, {}, users={wanted: "xapi-devel"})


@pytest.mark.parametrize(
    ("locked", "requirement", "kind"),
    [
        (None, "bin(ip)", NotLockedError),
        (None, "sm", InputError),
        (LOCK, "ocamlfind(rpclib)", InputError),
        (LOCK, "bin(other)", InputError),
    ],
)
def test_only_without_a_lock_something_is_not_locked_yet(
    locked: Lock | None, requirement: str, kind: type[InputError]
) -> None:
    with pytest.raises(InputError) as caught:
        names_for([parse_requirement(requirement)], distro("debian-12"), locked, {})
    assert type(caught.value) is kind


def meta(requirement: str, **packages: tuple[str, str]) -> tuple[str, ...]:
    """Names in a meta-package, where debian-12 and debian-13 call the requirement differently."""
    wanted = parse_requirement(requirement)
    locks = {
        name: lock({requirement: packages[key]} if key in packages else {})
        for name, key in (("debian-12", "twelve"), ("debian-13", "thirteen"))
    }
    distros = [distro("debian-12"), distro("debian-13")]
    internal = {parse_capability("bin(xe)"): ("xapi-xe",)}
    return meta_names([wanted], distros, locks, internal)[wanted.capability]


def test_meta_names() -> None:
    stunnel = meta("bin(stunnel)", twelve=("stunnel4", "5.68-2"), thirteen=("stunnel", "5.75-1"))
    assert stunnel == ("stunnel4", "stunnel")
    same = meta(
        "bin(xl)", twelve=("xen-utils-common", "4.17-1"), thirteen=("xen-utils-common", "4")
    )
    assert same == ("xen-utils-common",)
    assert meta("kernel(dom0)") == ("linux-image-amd64",)
    assert meta("bin(xe)") == ("xapi-xe",)
    assert meta("bin(xe)", thirteen=("xe", "1")) == ("xapi-xe", "xe")


@pytest.mark.parametrize(
    "packages",
    [
        {"twelve": ("libxen4.17", "4.17.7-1"), "thirteen": ("libxen4.20", "4.20.1-1")},
        {"twelve": ("xen-17", "4.17.7-1"), "thirteen": ("xen-20", "4.20.1-1")},
        {"twelve": ("xen-4.17", "4.17.7-1"), "thirteen": ("xen", "4.20.1-1")},
    ],
)
def test_meta_names_have_no_version(packages: dict[str, tuple[str, str]]) -> None:
    with pytest.raises(InputError, match="have a version in them"):
        meta("bin(x)", **packages)


def test_meta_names_must_be_found_on_each_distro() -> None:
    with pytest.raises(InputError, match="have no package on debian-13"):
        meta("bin(x)", twelve=("x", "1"))
