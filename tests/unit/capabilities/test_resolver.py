# SPDX-License-Identifier: Apache-2.0
"""The resolver's rules, each on a few packages."""

import pytest

from capabilities.conftest import MakeIndex, distro
from xsbuild.capabilities.resolver import Resolved, Unresolved, resolve
from xsbuild.manifest.requirement import parse_capability

RULES = [
    pytest.param(
        "bin(cmake)", "cmake 1-1", "usr/bin/cmake cmake", "cmake", id="the only one that has it"
    ),
    pytest.param(
        "lib(x)",
        "libx-dbg 1-1 | Section: debug\nlibx-dev 1-1",
        "usr/lib/libx.so libx-dbg,libx-dev",
        "libx-dev",
        id="not one for debugging",
    ),
    pytest.param(
        "bin(x)",
        "x 1-1\nold-x 1-1 | Description: x (transitional package)",
        "usr/bin/x old-x,x",
        "x",
        id="not a transitional one",
    ),
    pytest.param(
        "bin(cc)",
        "gcc-12 12.2-1\ngcc 4:12-1 | Depends: cpp, gcc-12 (>= 12)",
        "usr/bin/cc gcc-12",
        "gcc",
        id="an unversioned one that leads to it",
    ),
    pytest.param(
        "header(jpeglib.h)",
        "libjpeg62-turbo-dev 2-1 | Source: libjpeg-turbo\n"
        "libjpeg-dev 2-1 | Source: libjpeg-turbo | Depends: libjpeg62-turbo-dev",
        "usr/include/jpeglib.h libjpeg62-turbo-dev",
        "libjpeg-dev",
        id="an unversioned one of the same source",
    ),
    pytest.param(
        "header(jpeglib.h)",
        "libjpeg62-turbo-dev 2-1 | Source: libjpeg-turbo\n"
        "php-x 2-1 | Source: libjpeg-turbo | Depends: libjpeg62-turbo-dev",
        "usr/include/jpeglib.h libjpeg62-turbo-dev",
        "libjpeg62-turbo-dev",
        id="not just any that depends on it",
    ),
    pytest.param(
        "bin(python3)",
        "python3-minimal 3-1 | Source: p\npython3 3-1 | Source: p | Pre-Depends: python3-minimal",
        "usr/bin/python3 python3-minimal",
        "python3",
        id="the whole of a program",
    ),
    pytest.param(
        "ocamlfind(lwt)",
        "liblwt-ocaml 5-1 | Source: lwt\nliblwt-ocaml-dev 5-1 | Source: lwt",
        "usr/lib/ocaml/lwt/META liblwt-ocaml",
        "liblwt-ocaml-dev",
        id="what a compiler needs",
    ),
    pytest.param(
        "bin(sh)",
        "dash 1-1 | Essential: yes\nposh 1-1",
        "bin/sh dash,posh",
        "dash",
        id="an essential one",
    ),
    pytest.param(
        "header(x.h)",
        "x-plugin 1-1\nlibx-dev 1-1",
        "usr/include/x.h libx-dev,x-plugin",
        "libx-dev",
        id="a development package",
    ),
    pytest.param(
        "bin(bison)",
        "bison 1-1\nbison++ 2-1",
        "usr/bin/bison bison,bison++",
        "bison",
        id="named so",
    ),
    pytest.param(
        "bin(dhclient)",
        "isc-dhcp-client 1-1\nisc-dhcp-client-ddns 1-1",
        "sbin/dhclient isc-dhcp-client,isc-dhcp-client-ddns",
        "isc-dhcp-client",
        id="what the others' names begin with",
    ),
    pytest.param(
        "pkgconfig(xml)",
        "libxml2-dev 2.15-1\nlibxml2.9-dev 2.9.14-1",
        "usr/share/pkgconfig/xml.pc libxml2-dev,libxml2.9-dev",
        "libxml2-dev",
        id="no version in its name",
    ),
    pytest.param(
        "bin(iptables)",
        "iptables 1-1\niptables-extra 1-1",
        "usr/sbin/iptables-nft iptables\nusr/sbin/iptables-x iptables-extra",
        "iptables",
        id="an alternative",
    ),
    pytest.param(
        "kernel(dom0)",
        "linux-image-amd64 6.1-1",
        "usr/bin/x linux-image-amd64",
        "linux-image-amd64",
        id="the distro's file says it",
    ),
    pytest.param(
        "package(deb: qemu-system-xen, rpm: qemu)",
        "qemu-system-xen 7-1",
        "usr/bin/x qemu-system-xen",
        "qemu-system-xen",
        id="its own name",
    ),
    pytest.param(
        "cmake(Fmt)",
        "libfmt-dev 1-1",
        "usr/share/cmake/fmt/fmt-config.cmake libfmt-dev",
        "libfmt-dev",
        id="another spelling",
    ),
    pytest.param(
        "file(/lib/udev/x)", "udev 1-1", "usr/lib/udev/x udev", "udev", id="/usr is merged"
    ),
    pytest.param(
        "bin(x)", "y 1-1", "usr/bin/x x,y", "y", id="files of packages that are not there"
    ),
]


@pytest.mark.parametrize(("capability", "packages", "contents", "expected"), RULES)
def test_rule(
    make_index: MakeIndex, capability: str, packages: str, contents: str, expected: str
) -> None:
    index = make_index(packages, contents)
    result = resolve(parse_capability(capability), index, distro("debian-12"))
    assert isinstance(result, Resolved), result
    assert result.package == expected
    assert result.why


def test_the_newest_of_several_suites(make_index: MakeIndex) -> None:
    index = make_index("x 1.0-1\nx 1.0-1+deb12u1\nx 1.0-1~bpo1", "usr/bin/x x")
    result = resolve(parse_capability("bin(x)"), index, distro("debian-12"))
    assert isinstance(result, Resolved)
    assert result.version == "1.0-1+deb12u1"


def test_a_source_has_its_own_version(make_index: MakeIndex) -> None:
    index = make_index("linux-image-amd64 6.1-2 | Source: linux (6.1+1)", "usr/bin/x x")
    result = resolve(parse_capability("kernel(dom0)"), index, distro("debian-12"))
    assert isinstance(result, Resolved)
    assert result.source_version == "6.1+1"


def test_several(make_index: MakeIndex) -> None:
    index = make_index(
        "libq5-dev 1-1\nlibq5-gles-dev 1-1\nq-dev 1-1", "usr/lib/libq.so libq5-dev,q-dev"
    )
    result = resolve(parse_capability("lib(q)"), index, distro("debian-12"))
    assert isinstance(result, Unresolved)
    assert result.candidates == ("libq5-dev", "q-dev")
    assert "choose under `names`" in str(result)


@pytest.mark.parametrize(
    ("capability", "nearest"),
    [
        ("pkgconfig(libxml2)", ("pkgconfig(libxml-2.0)",)),
        ("header(xen/xenn.h)", ("header(xen/xen.h)",)),
        ("bin(nothing)", ()),
        ("package(deb: lib, rpm: lib)", ()),
    ],
)
def test_none(make_index: MakeIndex, capability: str, nearest: tuple[str, ...]) -> None:
    index = make_index(
        "libxml2-dev 1-1\nlibxen-dev 1-1",
        "usr/share/pkgconfig/libxml-2.0.pc libxml2-dev\nusr/include/xen/xen.h libxen-dev",
    )
    result = resolve(parse_capability(capability), index, distro("debian-12"))
    assert isinstance(result, Unresolved)
    assert (result.candidates, result.nearest) == ((), nearest)
