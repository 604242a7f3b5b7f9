# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.distros.model import Family
from xsbuild.manifest.libraries import Archive, Libraries
from xsbuild.manifest.requirement import Capability, Requirement, parse_requirement
from xsbuild.planner.choose import Choice, Offer, choose

LETTERS = "abcdefgh"


def words(text: str) -> tuple[str, ...]:
    return tuple(
        word if "(" in word else f"ocamlfind({word})" for word in filter(None, text.split("; "))
    )


def requirements(text: str) -> tuple[Requirement, ...]:
    return tuple(
        parse_requirement(f"ocamlfind({name}){rest}" if "(" not in name else f"{name}{rest}")
        for name, space, bound in (word.partition(" ") for word in filter(None, text.split("; ")))
        for rest in [space + bound]
    )


def archive(
    name: str,
    requires: str = "",
    *,
    build: str = "",
    version: str = "1.0",
    world: str | None = None,
    also: str = "",
) -> Archive:
    data = {
        "name": name,
        "version": version,
        "sha256": "0" * 64,
        "url": f"https://x.invalid/{name}.tbz",
        "license": "ISC",
        "world": world,
        "provides": words(f"{name}; {also}"),
        "requires": words(requires),
        "build-requires": words(build),
    }
    return Archive.model_validate(data)


def libraries_of(*archives: Archive, worlds: dict[str, str] | None = None) -> Libraries:
    return Libraries.model_validate({"worlds": worlds or {}, "archives": archives})


def offer(text: str) -> Offer:
    pairs = [word.split() for word in text.split(", ") if word]
    return Offer({Capability("ocamlfind", name): version for name, version in pairs}, Family.DEB)


def chosen(choice: Choice) -> list[str]:
    return [item.folder for item in choice.archives]


PLAIN = libraries_of(
    archive("c"),
    archive("b", "c"),
    archive("a", "b"),
    archive("x", also="x-unix"),
    archive("user-of-x", "x"),
)


@pytest.mark.parametrize(
    ("needed", "there", "expected"),
    [
        pytest.param("a", "a 1, b 1, c 1", [], id="the distro has all"),
        pytest.param("a", "", ["c-1.0", "b-1.0", "a-1.0"], id="with all that it requires"),
        pytest.param("a", "b 1", ["a-1.0"], id="what it requires is the distro's where it can be"),
        pytest.param("a", "a 1", [], id="a distro's own requirements are its own affair"),
        pytest.param("a >= 1", "a 0.9, b 1, c 1", ["a-1.0"], id="too old"),
        pytest.param(
            "a; c >= 1", "a 1, b 1, c 0.9", ["c-1.0", "b-1.0", "a-1.0"],
            id="what links a vendored library is vendored, however far away",
        ),
        pytest.param(
            "user-of-x; x-unix", "user-of-x 1, x 1", ["x-1.0", "user-of-x-1.0"],
            id="an archive is vendored whole",
        ),
        pytest.param("a; b", "b 1, c 1", ["a-1.0"], id="no more than needed"),
    ],
)  # fmt: skip
def test_vendors_what_is_missing_and_what_would_be_there_twice(
    needed: str, there: str, expected: list[str]
) -> None:
    choice = choose(requirements(needed), offer(there), PLAIN)
    assert chosen(choice) == expected
    assert choice.missing == ()
    assert choice.reasons.keys() == {item.name for item in choice.archives}


def test_says_what_nothing_has() -> None:
    choice = choose(requirements("a; pkgconfig(z); b >= 2; c"), offer("c 1"), PLAIN)
    assert [str(item) for item in choice.missing] == ["pkgconfig(z)", "ocamlfind(b) >= 2"]


def test_only_a_build_needs_it_so_it_is_linked_by_nobody() -> None:
    known = libraries_of(archive("helper"), archive("user", build="helper"))
    choice = choose(requirements("user; helper >= 1"), offer("user 1, helper 0.5"), known)
    assert chosen(choice) == ["helper-1.0"]


MARKS = {"old": "ocamlfind(ppx) < 2", "new": "ocamlfind(ppx) >= 2"}
WORLDS = libraries_of(
    archive("ppx", version="2.0", world="new"),
    archive("show", "ppx", world="new", version="5"),
    archive("rpc", "ppx", world="old", version="3"),
    archive("rpc", "ppx", world="new", version="4"),
    archive("only-new", "ppx", world="new"),
    archive("plain"),
    worlds=MARKS,
)


@pytest.mark.parametrize(
    ("needed", "there", "world", "expected"),
    [
        pytest.param("rpc", "ppx 1", "old", ["rpc-3"], id="the distro's own"),
        pytest.param("rpc", "ppx 2.1", "new", ["rpc-4"], id="a newer distro's own"),
        pytest.param("rpc; show", "ppx 1, show 1", "old", ["rpc-3"], id="the distro's members"),
        pytest.param(
            "rpc; show; only-new", "ppx 1, show 1", "new",
            ["ppx-2.0", "show-5", "rpc-4", "only-new-1.0"],
            id="the whole of another one where a member is not there in this one",
        ),
        pytest.param("rpc", "", "new", ["ppx-2.0", "rpc-4"], id="one, where the distro has none"),
    ],
)  # fmt: skip
def test_worlds_are_never_mixed(needed: str, there: str, world: str, expected: list[str]) -> None:
    choice = choose(requirements(needed), offer(there), WORLDS)
    assert (choice.world, chosen(choice), choice.missing) == (world, expected, ())


@st.composite
def libraries(draw: st.DrawFn) -> Libraries:
    """Archives of one letter each, which may need any other; some of one of two worlds."""
    archives = []
    for letter in LETTERS:
        worlds = draw(st.sampled_from([(None,), ("old",), ("new",), ("old", "new")]))
        for number, world in enumerate(worlds):
            names = draw(st.lists(st.sampled_from(LETTERS), max_size=3, unique=True))
            needs = "; ".join(name for name in names if name != letter)
            archives.append(archive(letter, needs, world=world, version=str(number + 1)))
    return libraries_of(*archives, worlds=MARKS)


some = st.lists(st.sampled_from(LETTERS), unique=True)


@given(libraries(), some.filter(bool), some, st.sampled_from(["", "ppx 1", "ppx 2"]))
def test_any_choice_is_closed_single_and_of_one_world(
    known: Libraries, needed: list[str], there: list[str], ppx: str
) -> None:
    wanted = requirements("; ".join(needed))
    has = offer(", ".join([*(f"{name} 1" for name in there), *filter(None, [ppx])]))
    choice = choose(wanted, has, known)
    vendored = {item.name for item in choice.archives}

    # once each, of one world
    assert len(vendored) == len(choice.archives)
    assert {item.world for item in choice.archives} <= {None, choice.world}
    # closed: what is asked for is vendored, or installed, or said to be missing
    asked = {*wanted, *(need for item in choice.archives for need in item.requires)}
    for requirement in asked:
        name = requirement.capability.name
        places = [name in vendored, requirement in choice.installed]
        assert places.count(True) == 1
        assert (requirement in choice.missing) == (places[1] and not has.has(requirement))
    # no installed library that is linked links a vendored one
    of_world = {item.name: item for item in known.of_world(choice.world)}
    for name in linked([item.capability.name for item in choice.installed], of_world):
        links = {item.capability.name for item in of_world[name].requires}
        assert not links & vendored
    # the same again, whatever the order of the question
    assert choose(tuple(reversed(wanted)), has, known).archives == choice.archives


def linked(names: Iterable[str], archives: dict[str, Archive]) -> set[str]:
    found: set[str] = set()
    pending = [name for name in names if name in archives]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            needs = (item.capability.name for item in archives[name].requires)
            pending += [need for need in needs if need in archives]
    return found
