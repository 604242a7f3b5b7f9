# SPDX-License-Identifier: Apache-2.0
"""What packages of the manifest offer."""

import pytest

from xsbuild.capabilities.provides import offers_of
from xsbuild.manifest.model import Install, Package, Unit
from xsbuild.manifest.requirement import Capability


def offered(package: Package) -> set[str]:
    return {str(item) for item in offers_of("greet", package)} - {"greet"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("{libdir}/pkgconfig/greet.pc", {"pkgconfig(greet)"}),
        (
            "{datadir}/pkgconfig/greet.pc",
            {"pkgconfig(greet)", "file(/usr/share/pkgconfig/greet.pc)"},
        ),
        (
            "{includedir}/greet/greet.h",
            {"header(greet/greet.h)", "file(/usr/include/greet/greet.h)"},
        ),
        ("{bindir}/greet", {"bin(greet)", "file(/usr/bin/greet)"}),
        ("{sbindir}/greetd", {"bin(greetd)"}),  # where it is depends on the distro
        ("{libdir}/libgreet.so", {"lib(greet)"}),
        ("{libdir}/libgreet.so.1", set()),
        ("{libdir}/libgreet.so.*", set()),
        ("{libdir}/cmake/Greet/", {"cmake(Greet)"}),
        ("{python3_sitelib}/greet/", {"python3(greet)"}),
        ("{python3_sitelib}/greet/*", {"python3(greet)"}),
        ("{python3_sitearch}/greet/", {"python3(greet)"}),
        ("{python3_sitelib}/greet.py", {"python3(greet)"}),
        ("{python3_sitelib}/greet-*-info/", set()),
        ("{ocamldir}/greet/", {"ocamlfind(greet)"}),
        ("/etc/greet/greet.conf", {"file(/etc/greet/greet.conf)"}),
        ("{datadir}/greet/", set()),
        ("{datadir}/greet/*.tsv", set()),
        ("{bindir}/greet-?", set()),
        ("/opt/greet/[ab]", set()),
    ],
)
def test_files_show_what_they_are(path: str, expected: set[str]) -> None:
    assert offered(Package(files=(path,))) == expected


def test_every_kind_of_file_counts() -> None:
    package = Package(
        config=("{sysconfdir}/greet.conf",),
        links={"{bindir}/hello": "greet"},
        install=(Install(source="extra/words.tsv", to="{datadir}/greet"),),
        units=(Unit(name="greetd.service"),),
        offers=(Capability("kernel", "dom0"),),
    )
    assert offered(package) == {
        "file(/etc/greet.conf)",
        "bin(hello)",
        "file(/usr/bin/hello)",
        "file(/usr/share/greet/words.tsv)",
        "unit(greetd.service)",
        "kernel(dom0)",
    }


def test_a_package_offers_itself() -> None:
    assert {str(item) for item in offers_of("greet", Package())} == {"greet"}
