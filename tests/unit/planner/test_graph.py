# SPDX-License-Identifier: Apache-2.0
"""Edges come from what components require and offer; cycles and unknown names are explained."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.errors import InputError
from xsbuild.manifest.model import Manifest
from xsbuild.planner.graph import Edge, Graph, make_graph, select
from xsbuild.reports.drawing import as_dot, as_mermaid, as_text

Part = dict[str, object]


def component(packages: dict[str, Part], requires: tuple[str, ...] = ()) -> Part:
    return {
        "summary": "A part",
        "description": "A part of a test.",
        "homepage": "https://example.org",
        "license": "MIT",
        "version": "1.0",
        "build": {"system": "make", "requires": requires},
        "packages": packages,
    }


def manifest(components: dict[str, Part], metas: dict[str, Part] | None = None) -> Manifest:
    product = {
        "name": "test",
        "title": "Test",
        "homepage": "https://example.org",
        "license": "MIT",
        "maintainer": "A <a@example.org>",
        "version": "1",
        "date": datetime.date(2026, 1, 1),
    }
    return Manifest.model_validate(
        {"product": product, "components": components, "meta-packages": metas or {}}
    )


def graph_of(components: dict[str, Part], metas: dict[str, Part] | None = None) -> Graph:
    made = manifest(components, metas)
    return make_graph(made, made.components)


LIBRARY = component(
    {
        "greet-libs": {"files": ("{libdir}/libgreet.so.*",)},
        "greet-devel": {
            "requires": ("greet-libs",),
            "files": (
                "{libdir}/pkgconfig/greet.pc",
                "{includedir}/greet/greet.h",
                "{libdir}/libgreet.so",
            ),
        },
    }
)


@pytest.mark.parametrize(
    "requirement",
    ["pkgconfig(greet)", "pkgconfig(greet) >= 1.0", "header(greet/greet.h)", "lib(greet)",
     "greet-devel"],
)  # fmt: skip
def test_what_files_show_makes_an_edge(requirement: str) -> None:
    graph = graph_of({"tool": component({"tool": {}}, (requirement,)), "libgreet": LIBRARY})
    place = ("components", "tool", "build", "requires", 0)
    assert graph.edges["tool"] == (Edge("tool", "libgreet", requirement, place),)
    assert graph.order == ("libgreet", "tool")


def test_what_a_needed_package_requires_when_installed_is_needed_too() -> None:
    """tool builds with bin(gen); gen requires libgreet's package at run time."""
    graph = graph_of(
        {
            "tool": component({"tool": {}}, ("bin(gen)",)),
            "gen": component({"gen": {"files": ("{bindir}/gen",), "requires": ("greet-libs",)}}),
            "libgreet": LIBRARY,
        }
    )
    assert graph.needs("tool") == {"gen", "libgreet"}
    assert graph.needs("gen") == set()  # at run time only
    because = {edge.needed: edge.because for edge in graph.edges["tool"]}
    assert because == {"gen": "bin(gen)", "libgreet": "gen: greet-libs"}


def test_virtual_packages_and_pre_depends_make_edges() -> None:
    graph = graph_of(
        {
            "tool": component({"tool": {}}, ("speech",)),
            "say": component({"say": {"provides": ("speech = 2",), "pre-depends": ("voice",)}}),
            "shout": component({"shout": {"provides": ("speech",), "enhances": ("voice",)}}),
            "voice": component({"voice": {}}),
        }
    )
    assert graph.needs("tool") == {"say", "shout", "voice"}
    assert graph.installed_with(["shout"]) == {"shout"}


def test_packages_that_require_each_other_when_installed_are_no_cycle() -> None:
    graph = graph_of(
        {
            "aa": component({"aa": {"requires": ("bb",)}}),
            "bb": component({"bb": {"requires": ("aa",)}}),
        }
    )
    assert graph.order == ("aa", "bb")


def test_a_cycle_is_shown_with_its_reasons() -> None:
    with pytest.raises(InputError) as error:
        graph_of(
            {
                "chicken": component({"chicken": {"files": ("{bindir}/hen",)}}, ("bin(egg)",)),
                "egg": component({"egg": {"files": ("{bindir}/egg",)}}, ("bin(hen)",)),
            }
        )
    assert "chicken needs egg (bin(egg))" in str(error.value)
    assert "egg needs chicken (bin(hen))" in str(error.value)


def test_a_component_that_needs_its_own_package_is_a_cycle() -> None:
    with pytest.raises(InputError, match=r"self needs self \(bin\(self\)\)"):
        graph_of({"self": component({"self": {"files": ("{bindir}/self",)}}, ("bin(self)",))})


def test_a_component_that_the_distro_provides_makes_no_edge() -> None:
    made = manifest({"tool": component({"tool": {}}, ("pkgconfig(greet)",)), "libgreet": LIBRARY})
    assert make_graph(made, ["tool"]).edges == {"tool": ()}


STACK = {
    "libgreet": LIBRARY,
    "daemon": component({"daemon": {"requires": ("helper",)}}, ("pkgconfig(greet)",)),
    "helper": component({"helper": {}, "helper-doc": {}}),
    "apart": component({"apart": {}}),
}
METAS: dict[str, Part] = {
    "all": {"summary": "Everything", "description": "All.", "requires": ("runtime", "apart")},
    "runtime": {"summary": "Running", "description": "Run.", "requires": ("daemon", "bin(xl)")},
}


@pytest.mark.parametrize(
    ("targets", "components", "metas"),
    [
        ([], {"libgreet", "daemon", "helper", "apart"}, ("runtime", "all")),
        (["daemon"], {"libgreet", "daemon"}, ()),
        (["libgreet"], {"libgreet"}, ()),
        (["greet-devel"], {"libgreet"}, ()),
        (["runtime"], {"libgreet", "daemon", "helper"}, ("runtime",)),
        (["all"], {"libgreet", "daemon", "helper", "apart"}, ("runtime", "all")),
        (["helper-doc", "apart"], {"helper", "apart"}, ()),
    ],
)
def test_targets(targets: list[str], components: set[str], metas: tuple[str, ...]) -> None:
    selected = select(graph_of(STACK, METAS), targets)
    assert selected.components == components
    assert selected.meta_packages == metas


def test_an_unknown_target_suggests_the_nearest() -> None:
    with pytest.raises(InputError) as error:
        select(graph_of(STACK, METAS), ["daemn"])
    assert error.value.hint == "did you mean `daemon`?"


def test_drawings_have_every_edge() -> None:
    graph = graph_of(STACK, METAS)
    names = set(graph.built)
    assert "daemon\n  needs libgreet for pkgconfig(greet)\n" in as_text(graph, names)
    assert '"daemon" -> "libgreet" [label="pkgconfig(greet)"];' in as_dot(graph, names)
    assert '-->|"pkgconfig(greet)"|' in as_mermaid(graph, names)
    assert "libgreet" not in as_text(graph, {"apart"})


@given(st.lists(st.sets(st.integers(0, 9), max_size=4), min_size=1, max_size=10))
def test_the_order_puts_everything_after_what_it_needs(needs: list[set[int]]) -> None:
    parts = {
        f"c{number}": component(
            {f"p{number}": {}}, tuple(f"p{other}" for other in sorted(others) if other < number)
        )
        for number, others in enumerate(needs)
    }
    graph = graph_of(parts)
    position = {name: index for index, name in enumerate(graph.order)}
    assert sorted(position) == sorted(parts)
    for name in parts:
        assert all(position[needed] < position[name] for needed in graph.needs(name))
        assert graph.needs(name) < graph.closure([name])
