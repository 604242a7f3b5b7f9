# SPDX-License-Identifier: Apache-2.0
"""The sections of a spec file for a binary package."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from xsbuild.manifest.model import Package, Scripts, Unit
from xsbuild.manifest.requirement import Capability, Constraint, Requirement
from xsbuild.recipes.model import RecipeRequest, alternatives, provided, sole_package
from xsbuild.recipes.rpm_files import file_list, install_commands, placed
from xsbuild.recipes.scripts import subshell, subshells
from xsbuild.recipes.text import macro_free, paragraphs, spec_body
from xsbuild.recipes.upgrades import Trigger, before_transaction, changes_of, triggers

Names = Mapping[Capability, tuple[str, ...]]
_THIS_VERSION = "%{version}-%{release}"


@dataclass(frozen=True, slots=True)
class RpmPackage:
    """A binary package as seen by templates; lists are lines of files.

    Attributes:
        option: its argument in section headers; empty for the package named as the source.
        tags: relations, each with its tag.
        commands: its commands in %install.
        files: its %files list.
        sysusers: the number of its sysusers.d file among the sources, if it has users.
        units: units for scriptlets, without templates.
        restarted_units: those restarted by an upgrade.
        pretrans: parts of its %pretrans scriptlet, in Lua.
        triggers: scripts around the removal of its earlier versions.
    """

    name: str
    option: str
    summary: str
    description: str
    noarch: bool
    tags: tuple[str, ...]
    commands: tuple[str, ...]
    files: tuple[str, ...]
    sysusers: int | None
    units: tuple[str, ...]
    restarted_units: tuple[str, ...]
    other_units: tuple[str, ...]
    scripts: Scripts
    trigger_paths: tuple[str, ...]
    trigger_script: str
    pretrans: tuple[str, ...]
    triggers: tuple[Trigger, ...]


def requirements(items: Iterable[Requirement], names: Names) -> list[str]:
    """Return requirements as entries of a relation tag, without duplicates.

    Raises:
        RecipeError: a capability has no package.
    """
    found: dict[str, None] = {}
    for item in items:
        for words in alternatives(item, names, _bounds):
            found[words[0] if len(words) == 1 else f"({' or '.join(words)})"] = None
    return list(found)


def _bounds(constraints: Iterable[Constraint]) -> list[str]:
    return [str(constraint) for constraint in constraints]


def rpm_package(name: str, request: RecipeRequest, extra_sources: Mapping[str, int]) -> RpmPackage:
    """Make the view of a package of a component.

    Args:
        name: the package's name.
        request: the component to render.
        extra_sources: name of a file beside the spec file → its number among the sources.

    Raises:
        RecipeError: a capability has no package.
    """
    component = request.component
    package = component.packages[name]
    handled = [unit for unit in package.units if "@." not in unit.name]
    preset = extra_sources.get(preset_file(name))
    users = extra_sources.get(sysusers_file(name))
    changes, place = changes_of(package, component), partial(placed, request=request)
    return RpmPackage(
        name=name,
        option="" if name == request.name else f"-n {name}",
        summary=macro_free(package.summary or component.summary),
        description=spec_body(filled(package.description or component.description)),
        noarch=package.architecture == "all",
        tags=tuple(_tags(name, package, request)),
        commands=tuple(install_commands(name, package, request, preset, users)),
        files=tuple(file_list(name, package, request)),
        sysusers=users,
        units=_unit_words(handled),
        restarted_units=_unit_words(unit for unit in handled if unit.start),
        other_units=_unit_words(unit for unit in handled if not unit.start),
        scripts=subshells(package.scripts, macro_free),
        trigger_paths=tuple(
            placed(path, request) for path in (package.triggers.paths if package.triggers else ())
        ),
        trigger_script=subshell(macro_free(package.triggers.script)) if package.triggers else "",
        pretrans=tuple(before_transaction(changes, place)),
        triggers=tuple(triggers(changes, place)),
    )


def _unit_words(units: Iterable[Unit]) -> tuple[str, ...]:
    return tuple(shlex.quote(unit.name) for unit in units)


def sysusers_file(package: str) -> str:
    """Return the name of the sysusers.d file beside the spec file."""
    return f"{package}.sysusers"


def preset_file(package: str) -> str:
    """Return the name of the preset file beside the spec file."""
    return f"{package}.preset"


def filled(text: str) -> str:
    """Return a description formatted for a spec file."""
    return "\n\n".join("\n".join(lines) for lines, _ in paragraphs(text))


def _tags(name: str, package: Package, request: RecipeRequest) -> Iterator[str]:
    for tag, items in (
        ("Requires", package.requires),
        ("Requires(pre)", package.pre_depends),
        ("Recommends", package.recommends),
        ("Suggests", package.suggests),
        ("Enhances", package.enhances),
    ):
        for text in _wanted(name, items, request):
            yield _tag(tag, text)
    # A file that moves between packages conflicts with the older one; a package that is replaced
    # is obsoleted and provided (Fedora's guidelines on renaming), in whatever version it was: its
    # own versions may have been higher.
    older = [item for item in package.replaces if item.constraints]
    for text in requirements([*package.conflicts, *older], request.names):
        yield _tag("Conflicts", text)
    whole = [item for item in package.replaces if not item.constraints]
    for text in requirements(whole, request.names):
        yield _tag("Provides", f"{text} = {_this_version(request)}")
        yield _tag("Obsoletes", text)
    for virtual, version in provided(package.provides, request.distro.family):
        yield _tag("Provides", f"{virtual} = {version}" if version else virtual)


def _this_version(request: RecipeRequest) -> str:
    epoch = request.component.epoch
    return f"{epoch}:{_THIS_VERSION}" if epoch else _THIS_VERSION


def _tag(name: str, value: str) -> str:
    return f"{name + ':':<15} {value}"


def _wanted(name: str, items: Iterable[Requirement], request: RecipeRequest) -> list[str]:
    siblings = request.component.packages
    found: dict[str, None] = {}
    for item in items:
        sibling = sole_package(item, request.names)
        if sibling == name:
            continue
        if sibling not in siblings:
            found |= dict.fromkeys(requirements([item], request.names))
            continue
        both = siblings[name].architecture == siblings[sibling].architecture == "any"
        found[f"{sibling}{'%{?_isa}' if both else ''} = {_this_version(request)}"] = None
    return list(found)
