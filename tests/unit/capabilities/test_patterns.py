# SPDX-License-Identifier: Apache-2.0
import pytest

from xsbuild.capabilities.patterns import Patterns, spellings

AMD64 = Patterns("x86_64")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("usr/include/zlib.h", ("header", "zlib.h")),
        ("usr/include/x86_64-linux-gnu/sys/io.h", ("header", "sys/io.h")),
        ("bin/ip", ("bin", "ip")),
        ("usr/sbin/xl", ("bin", "xl")),
        ("usr/lib/x86_64-linux-gnu/libpci.so", ("lib", "pci")),
        ("usr/lib64/libpci.a", ("lib", "pci")),
        ("usr/lib/x86_64-linux-gnu/libpci.so.3", None),
        ("usr/lib/i386-linux-gnu/libpci.so", None),
        ("usr/lib/x86_64-linux-gnu/plugins/libpci.so", None),
        ("usr/lib/x86_64-linux-gnu/pkgconfig/libxml-2.0.pc", ("pkgconfig", "libxml-2.0")),
        ("usr/share/pkgconfig/systemd.pc", ("pkgconfig", "systemd")),
        ("usr/lib64/pkgconfig/zlib.pc", ("pkgconfig", "zlib")),
        ("usr/x86_64-w64-mingw32/lib/pkgconfig/zlib.pc", None),
        ("usr/lib/x86_64-linux-gnu/cmake/absl/abslConfig.cmake", ("cmake", "absl")),
        ("usr/share/cmake/fmt/fmt-config.cmake", ("cmake", "fmt")),
        ("usr/lib/ocaml/lwt/META", ("ocamlfind", "lwt")),
        ("usr/lib/x86_64-linux-gnu/ocaml/5.3.0/lwt/META", ("ocamlfind", "lwt")),
        ("usr/lib64/ocaml/site-lib/lwt/META", ("ocamlfind", "lwt")),
        ("usr/lib/ocaml/METAS/META.gmp", ("ocamlfind", "gmp")),
        ("usr/lib/python3/dist-packages/six.py", ("python3", "six")),
        ("usr/lib/python3/dist-packages/yaml/__init__.py", ("python3", "yaml")),
        ("usr/lib64/python3.13/site-packages/yaml/__init__.py", ("python3", "yaml")),
        (
            "usr/lib/python3/dist-packages/bitarray/_util.cpython-311-x86_64-linux-gnu.so",
            ("python3", "bitarray._util"),
        ),
        ("usr/lib/python3.11/xml/dom/__init__.py", ("python3", "xml.dom")),
        ("usr/lib/python3.11/lib-dynload/_json.cpython-311-x.so", ("python3", "_json")),
        (
            "usr/lib/python3/dist-packages/PyYAML-6.0.dist-info/METADATA",
            ("python3dist", "pyyaml"),
        ),
        (
            "usr/lib/python3/dist-packages/zope.interface-5.5.2.egg-info/PKG-INFO",
            ("python3dist", "zope-interface"),
        ),
        ("usr/lib/python3/dist-packages/six-1.16.0.egg-info", ("python3dist", "six")),
        ("usr/share/perl5/JSON.pm", ("perl", "JSON")),
        ("usr/lib/x86_64-linux-gnu/perl5/5.36/XML/LibXML.pm", ("perl", "XML::LibXML")),
        ("usr/share/perl/5.36.0/Getopt/Long.pm", ("perl", "Getopt::Long")),
        ("usr/lib64/perl5/vendor_perl/XML/LibXML.pm", ("perl", "XML::LibXML")),
        ("lib/systemd/system/stunnel@.service", ("unit", "stunnel@.service")),
        ("usr/lib/systemd/system/iscsid.socket", ("unit", "iscsid.socket")),
        ("usr/share/hwdata/pci.ids", None),
    ],
)
def test_offers(path: str, expected: tuple[str, str] | None) -> None:
    assert AMD64.offers(path) == expected


def test_foreign_files_offer_nothing() -> None:
    arm64 = Patterns("aarch64")
    assert arm64.offers("usr/lib/x86_64-linux-gnu/libpci.so") is None
    assert arm64.offers("usr/lib/aarch64-linux-gnu/libpci.so") == ("lib", "pci")


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("file", "/lib/udev/rules.d/x.rules", ["usr/lib/udev/rules.d/x.rules"]),
        ("file", "/etc/hosts", ["etc/hosts"]),
        ("cmake", "LibXml2", ["LibXml2", "libxml2"]),
        ("python3dist", "Setuptools_SCM", ["setuptools-scm"]),
        ("ocamlfind", "ctypes.foreign", ["ctypes.foreign", "ctypes"]),
    ],
)
def test_spellings(kind: str, name: str, expected: list[str]) -> None:
    assert list(spellings(kind, name)) == expected
