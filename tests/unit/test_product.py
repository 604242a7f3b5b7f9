# SPDX-License-Identifier: Apache-2.0
"""The product's own manifest."""

from pathlib import Path

import pytest

from xsbuild.checks.manifest import BLOCKS, check_manifest
from xsbuild.manifest.load import load_manifest
from xsbuild.planner.graph import make_graph, select

MANIFEST = load_manifest(Path(__file__).parents[2] / "components.yaml")
PLATFORM = {"xen", "kernel", "qemu", "libvirt"}
COMPILER = {"ocaml", "ocaml-findlib"}
TOOLSTACK = {"xapi", "sm", "xha", "blktap", "xenapi"}
EXTRAS = {
    "emu-manager",
    "guest-templates-json",
    "libempserver",
    "oxenstored",
    "varstored",
    "vncterm",
    "xcp-ng-generic-lib",
    "xcp-python-libs",
    "xenserver-core-setup",
    "xsconsole",
}


def test_has_the_components_of_the_mission() -> None:
    assert set(MANIFEST.components) >= PLATFORM | COMPILER | TOOLSTACK | EXTRAS
    provided = {name for name, part in MANIFEST.components.items() if part.provider}
    assert provided >= {*PLATFORM, *COMPILER, "oxenstored"}
    assert not provided & (TOOLSTACK | EXTRAS - {"oxenstored"})


def test_xapi_is_carried_in_full() -> None:
    packages = MANIFEST.components["xapi"].packages
    assert len(packages) >= 30
    daemons = {name for name, package in packages.items() if package.units}
    assert daemons >= {"xapi-core", "xenopsd-xc", "xcp-networkd", "xcp-rrdd", "squeezed"}
    assert {user.name for package in packages.values() for user in package.users} >= {"qemu"}


def test_nothing_is_unpinned_and_nothing_blocks_a_build() -> None:
    assert [item for item in check_manifest(MANIFEST) if item.kind == BLOCKS] == []


@pytest.mark.parametrize("built", [TOOLSTACK, TOOLSTACK | PLATFORM], ids=["toolstack", "all"])
def test_can_be_put_in_order(built: set[str]) -> None:
    graph = make_graph(MANIFEST, [name for name in MANIFEST.components if name in built])
    order = list(graph.order)
    assert set(order) == built
    for sooner, later in (("blktap", "xapi"), ("xen", "blktap"), ("xen", "xha")):
        if sooner in built:
            assert order.index(sooner) < order.index(later)


def test_where_a_distro_has_no_compiler_it_comes_first() -> None:
    order = make_graph(MANIFEST, [*COMPILER, "xen", "xen-ocaml", *TOOLSTACK]).order
    assert order.index("ocaml") < order.index("ocaml-findlib") < order.index("xen-ocaml")
    assert order.index("ocaml-findlib") < order.index("xapi")


@pytest.mark.parametrize(
    ("target", "components"),
    [
        ("xcp-networkd", {"xapi", "blktap"}),
        ("xapi-core", {"xapi", "sm", "xenapi", "blktap"}),
        ("python3-xenapi", {"xenapi"}),
        ("xenserver-core-platform", set()),
        ("xenserver-core", TOOLSTACK),
    ],
)
def test_targets_mean_what_has_to_be_built(target: str, components: set[str]) -> None:
    graph = make_graph(MANIFEST, [name for name in MANIFEST.components if name in TOOLSTACK])
    assert select(graph, [target]).components == components


def test_the_distros_oxenstored_is_used_with_the_distros_xen_alone() -> None:
    xen, oxenstored = (MANIFEST.components[name].provider for name in ("xen", "oxenstored"))
    assert xen
    assert oxenstored
    assert xen.version == oxenstored.version
