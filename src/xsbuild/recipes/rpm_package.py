# SPDX-License-Identifier: Apache-2.0
"""The sections of a spec file for a binary package."""

import posixpath
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from xsbuild.manifest.model import Install, Package, Scripts, Unit
from xsbuild.manifest.places import expand, places_of
from xsbuild.manifest.requirement import Capability, Requirement
from xsbuild.recipes.model import RecipeRequest, packages_of
from xsbuild.recipes.scripts import subshells
from xsbuild.recipes.text import macro_free, paragraphs, shell_pattern, spec_body, spec_path

Names = Mapping[Capability, tuple[str, ...]]
_LICENSE = re.compile(r"(?i)(licen[cs]e|copying|copyright)\b")
# Places below which a package has its own directories; other places are shared.
_OWN = re.compile(
    r"(?P<place>\{(?:sysconfdir|datadir|libexecdir|includedir|libdir|sharedstatedir)\}|/opt)"
    r"/(?P<first>[^/]+)/"
)
# shared directories below them, and *.d, which belong to their readers
_SHARED = frozenset(
    ("bash-completion", "cmake", "cron.daily", "pkgconfig", "sysconfig", "systemd", "udev")
)
_COMPRESSED = ("{mandir}/", "{datadir}/info/")
_THIS_VERSION = "%{version}-%{release}"
_MACRO = re.compile(r"%\{\w+\}")
_PLAIN_DIRECTORY = "0755"  # default of install(1) for a directory


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


def placed(text: str, request: RecipeRequest, escape: Callable[[str], str] = macro_free) -> str:
    """Return a path with names in braces replaced by rpm macros, and the rest escaped."""
    values = {**places_of(request.distro), "version": request.component.version}
    return expand(text, {**values, "name": request.name}, escape)


def _in_shell(text: str) -> str:
    return macro_free(shell_pattern(text))


def word(text: str, request: RecipeRequest) -> str:
    """Return a shell word with names in braces replaced by rpm macros."""
    found = placed(text, request)
    plain = _MACRO.sub("", found)
    return found if plain == shlex.quote(plain) else shlex.quote(found)


def requirements(items: Iterable[Requirement], names: Names) -> list[str]:
    """Return requirements as entries of a relation tag, without duplicates.

    Raises:
        RecipeError: a capability has no package.
    """
    found: dict[str, None] = {}
    for item in items:
        packages = packages_of(item.capability, names)
        for bound in (item.constraints or ("",)) if packages else ():
            words = [f"{name} {bound}".strip() for name in packages]
            found[words[0] if len(words) == 1 else f"({' or '.join(words)})"] = None
    return list(found)


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
    return RpmPackage(
        name=name,
        option="" if name == request.name else f"-n {name}",
        summary=macro_free(package.summary or component.summary),
        description=spec_body(filled(package.description or component.description)),
        noarch=package.architecture == "all",
        tags=tuple(_tags(name, package, request)),
        commands=tuple(_commands(name, package, request, preset, users)),
        files=tuple(_files(name, package, request)),
        sysusers=users,
        units=_unit_words(handled),
        restarted_units=_unit_words(unit for unit in handled if unit.start),
        other_units=_unit_words(unit for unit in handled if not unit.start),
        scripts=subshells(package.scripts, macro_free),
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
        ("Recommends", package.recommends),
        ("Suggests", package.suggests),
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
        yield _tag("Provides", f"{text} = {_THIS_VERSION}")
        yield _tag("Obsoletes", text)


def _tag(name: str, value: str) -> str:
    return f"{name + ':':<15} {value}"


def _wanted(name: str, items: Iterable[Requirement], request: RecipeRequest) -> list[str]:
    siblings = request.component.packages
    found: dict[str, None] = {}
    for item in items:
        packages = packages_of(item.capability, request.names)
        sibling = packages[0] if len(packages) == 1 else ""
        if sibling == name:
            continue
        if sibling not in siblings:
            found |= dict.fromkeys(requirements([item], request.names))
            continue
        both = siblings[name].architecture == siblings[sibling].architecture == "any"
        found[f"{sibling}{'%{?_isa}' if both else ''} = {_THIS_VERSION}"] = None
    return list(found)


def _commands(
    name: str, package: Package, request: RecipeRequest, preset: int | None, users: int | None
) -> Iterator[str]:
    for item in package.install:
        source = _in_shell(item.source)
        yield f"install -D -m {item.mode} -t %{{buildroot}}{_folder(item, request)} {source}"
    for directory in package.directories:
        yield f"install -d %{{buildroot}}{placed(directory.path, request, _in_shell)}"
    for link, target in package.links.items():
        place = placed(link, request, _in_shell)
        yield f"install -d %{{buildroot}}{posixpath.dirname(place)}"
        yield f"ln -s {placed(target, request, _in_shell)} %{{buildroot}}{place}"
    if preset is not None:
        place = f"%{{buildroot}}%{{_presetdir}}/80-{name}.preset"
        yield f"install -D -m 0644 %{{SOURCE{preset}}} {place}"
    if users is not None:
        place = f"%{{buildroot}}%{{_sysusersdir}}/{name}.conf"
        yield f"install -D -m 0644 %{{SOURCE{users}}} {place}"


def _folder(item: Install, request: RecipeRequest) -> str:
    return placed(item.to, request, _in_shell).rstrip("/")


def _files(name: str, package: Package, request: RecipeRequest) -> Iterator[str]:
    for path in package.docs:
        kind = "%license" if _LICENSE.match(posixpath.basename(path)) else "%doc"
        yield f"{kind} {spec_path(macro_free(path))}"
    installed = [
        f"{item.to.rstrip('/')}/{posixpath.basename(item.source)}" for item in package.install
    ]
    listed = [_listed(path, request) for path in (*package.files, *installed)]
    listed += [_path(f"{{unitdir}}/{unit.name}", request) for unit in package.units]
    listed += [_path(link, request) for link in package.links]
    config = [_path(path, request) for path in package.config]
    yield from dict.fromkeys(path for path in listed if path not in config)
    yield from (f"%config(noreplace) {path}" for path in config)
    yield from dict.fromkeys(_owned(package, request))
    if package.units:
        yield f"%{{_presetdir}}/80-{name}.preset"
    if package.users or package.groups:
        yield f"%{{_sysusersdir}}/{name}.conf"


def _owned(package: Package, request: RecipeRequest) -> Iterator[str]:
    for item in package.directories:
        mode = "" if item.mode == _PLAIN_DIRECTORY else f"%attr({item.mode}, root, root) "
        yield f"{mode}%dir {_path(item.path, request)}"
    made = {item.path for item in package.directories}
    for path in _directories(package):
        if path not in made:
            yield f"%dir {_path(path, request)}"


def _directories(package: Package) -> Iterator[str]:
    """Yield directories between a place of the distro and a file, which the package must own."""
    installed = [
        f"{item.to.rstrip('/')}/{posixpath.basename(item.source)}" for item in package.install
    ]
    for path in [*package.files, *installed, *package.config, *package.links]:
        match = _OWN.match(path)
        if match and match["first"] not in _SHARED and not match["first"].endswith(".d"):
            folder = posixpath.dirname(path.rstrip("/"))
            while folder != match["place"]:
                yield folder
                folder = posixpath.dirname(folder)


def _path(path: str, request: RecipeRequest) -> str:
    return spec_path(placed(path, request))


def _listed(path: str, request: RecipeRequest) -> str:
    text = _path(path, request)
    if path.startswith(_COMPRESSED) and not path.endswith(("*", "/")):
        # rpmbuild compresses these pages, each distro its own way
        return spec_path(f"{placed(path, request)}*")
    if path.startswith(("{python3_sitelib}/", "{python3_sitearch}/")) and path.endswith(".py"):
        return f"%pycached {text}"
    return text
