# SPDX-License-Identifier: Apache-2.0
"""Which directories a package of an RPM distro owns."""

import pytest

from xsbuild.manifest.places import PLACES
from xsbuild.recipes.rpm_directories import owned_directories


@pytest.mark.parametrize(
    ("path", "owned"),
    [
        ("{datadir}/shapes/a/b", ["{datadir}/shapes/a", "{datadir}/shapes"]),
        ("{datadir}/shapes/", []),
        ("{bindir}/shapes", []),
        # a path that is spelled without its place
        ("/usr/libexec/shapes/run", ["/usr/libexec/shapes"]),
        ("/opt/shapes/bin/x", ["/opt/shapes/bin", "/opt/shapes"]),
        ("/var/shapes/x", ["/var/shapes"]),
        # its reader is in the package, or in another of the product
        ("/etc/shapes.d/plugins/x", ["/etc/shapes.d/plugins", "/etc/shapes.d"]),
        ("{unitdir}/shapes.service.d/x.conf", ["{unitdir}/shapes.service.d"]),
        ("{libdir}/shapes-{version}/x", ["{libdir}/shapes-{version}"]),
        ("{python3_sitelib}/shapes/x.py", ["{python3_sitelib}/shapes"]),
        ("{ocamldir}/shapes/META", ["{ocamldir}/shapes"]),
        # the distro's
        ("{sysconfdir}/logrotate.d/shapes", []),
        ("{sysconfdir}/cron.hourly/shapes", []),
        ("/usr/lib/modules/", []),
        ("{libdir}/pkgconfig/shapes.pc", []),
        ("{ocamldir}/stublibs/x.so", []),
        ("{mandir}/de/man1/shapes.1", []),
        ("{datadir}/locale/*/LC_MESSAGES/shapes.mo", []),
        ("{datadir}/polkit-1/actions/x", []),
    ],
)  # fmt: skip
def test_owned(path: str, owned: list[str]) -> None:
    assert list(owned_directories([path])) == owned


@pytest.mark.parametrize("place", sorted(PLACES))
def test_places_are_the_distros(place: str) -> None:
    assert list(owned_directories([f"{{{place}}}/x", f"{{{place}}}"])) == []
