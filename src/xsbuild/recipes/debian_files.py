# SPDX-License-Identifier: Apache-2.0
"""The debhelper files of a binary package."""

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xsbuild.distros.model import Distro
from xsbuild.manifest.model import Package, Scripts, Unit
from xsbuild.manifest.places import expand, places_of
from xsbuild.manifest.requirement import Requirement
from xsbuild.recipes.debian_control import binary_relations, description, relations
from xsbuild.recipes.documents import documents
from xsbuild.recipes.lint import lintian_overrides
from xsbuild.recipes.model import RecipeRequest, packages_of, provided
from xsbuild.recipes.scripts import subshell, subshells
from xsbuild.recipes.text import debhelper_path, shell_pattern, sysusers_lines
from xsbuild.recipes.upgrades import changes_of, maintscript

TEMPORARY = "debian/tmp"
_PLAIN_MODE = "0644"
_PLAIN_DIRECTORY = "0755"


_THIS_VERSION = {"all": "${source:Version}", "any": "${binary:Version}"}


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Units with equal options of dh_installsystemd."""

    options: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """A binary package as seen by templates; lists are lines of files."""

    name: str
    architecture: str
    section: str
    multi_arch: str
    depends: tuple[str, ...]
    pre_depends: tuple[str, ...]
    recommends: tuple[str, ...]
    suggests: tuple[str, ...]
    enhances: tuple[str, ...]
    conflicts: tuple[str, ...]
    breaks: tuple[str, ...]
    replaces: tuple[str, ...]
    provides: tuple[str, ...]
    description: str
    install: tuple[str, ...]
    install_commands: tuple[str, ...]
    mode_commands: tuple[str, ...]
    directories: tuple[str, ...]
    links: tuple[str, ...]
    docs: tuple[str, ...]
    conffiles: tuple[str, ...]
    maintscript: tuple[str, ...]
    sysusers: tuple[str, ...]
    units: tuple[UnitGroup, ...]
    unstarted_units: tuple[str, ...]
    scripts: Scripts
    trigger_paths: tuple[str, ...]
    trigger_script: str
    lint: tuple[str, ...]


def debhelper_places(distro: Distro, multiarch: str) -> dict[str, str]:
    """Return the places of a distro, with the multiarch directory named rather than matched.

    Args:
        distro: the distro.
        multiarch: the reference to its name in the rendered file (debhelper(7), make).
    """
    start = "/usr/lib/*"
    return {
        name: f"/usr/lib/{multiarch}{value.removeprefix(start)}"
        if value.startswith(start)
        else value
        for name, value in places_of(distro).items()
    }


def binary_of(name: str, request: RecipeRequest, substvars: tuple[str, ...]) -> Binary:
    """Make the view of a package of a component.

    Args:
        name: the package's name.
        request: the component to render.
        substvars: substitution variables before its dependencies.

    Raises:
        RecipeError: a capability has no package.
    """
    component = request.component
    package = component.packages[name]
    places = debhelper_places(request.distro, "${DEB_HOST_MULTIARCH}")
    text = description(
        package.summary or component.summary, package.description or component.description
    )
    return Binary(
        name=name,
        architecture=package.architecture,
        section=package.section or component.section,
        multi_arch=package.multi_arch or "",
        **_relations(name, request, substvars),
        description=text,
        install=tuple(dict.fromkeys([*_install(package, places), *_documents(name, package)])),
        install_commands=tuple(_install_commands(package, request.distro)),
        mode_commands=tuple(_mode_commands(name, package, request.distro)),
        directories=tuple(_listed(item.path, places) for item in package.directories),
        links=tuple(_link(*link, places) for link in package.links.items()),
        docs=tuple(debhelper_path(path) for path, folder in documents(package) if not folder),
        conffiles=tuple(_conffiles(package, places)),
        maintscript=tuple(
            maintscript(changes_of(package, component), lambda text: expand(text, places))
        ),
        sysusers=tuple(sysusers_lines(package)),
        units=tuple(_unit_groups(package.units)),
        unstarted_units=tuple(
            shlex.quote(unit.name)
            for unit in package.units
            if not unit.start and "@." not in unit.name
        ),
        scripts=subshells(package.scripts),
        trigger_paths=tuple(_trigger_paths(package, request.distro)),
        trigger_script=subshell(package.triggers.script) if package.triggers else "",
        lint=tuple(lintian_overrides(name, package)),
    )


def _relations(
    name: str, request: RecipeRequest, substvars: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    component, names = request.component, request.names
    package = component.packages[name]

    def wanted(items: tuple[Requirement, ...]) -> tuple[str, ...]:
        return tuple(binary_relations(name, items, component, names))

    def excluded(items: Sequence[Requirement]) -> tuple[str, ...]:
        return tuple(relations(items, names))

    # A file moved between packages: Breaks with a version; a package superseded: Conflicts, and
    # Provides for those that depend on it (Policy 7.6.1, 7.6.2).
    older = [item for item in package.replaces if item.constraints]
    whole = [item for item in package.replaces if not item.constraints]
    return {
        "depends": (*substvars, *wanted(package.requires)),
        "recommends": wanted(package.recommends),
        "pre_depends": wanted(package.pre_depends),
        "suggests": wanted(package.suggests),
        "enhances": wanted(package.enhances),
        "conflicts": excluded([*package.conflicts, *whole]),
        "breaks": excluded(older),
        "replaces": excluded(package.replaces),
        "provides": (
            *(
                f"{old} (= {_THIS_VERSION[package.architecture]})"
                for item in whole
                for old in packages_of(item.capability, names)
            ),
            *(
                f"{virtual} (= {version})" if version else virtual
                for virtual, version in provided(package.provides, request.distro.family)
            ),
        ),
    }


def _listed(path: str, places: Mapping[str, str]) -> str:
    return expand(path, places, debhelper_path).strip("/")


def _install(package: Package, places: Mapping[str, str]) -> Iterator[str]:
    installed = [
        f"{item.to.rstrip('/')}/{posixpath.basename(item.source)}" for item in package.install
    ]
    units = [f"{{unitdir}}/{unit.name}" for unit in package.units]
    # pybuild installs for one version of Python; dh_python3 moves the files only later.
    found = {
        name: place.replace("/python3/", "/python3*/") if name.startswith("python3_") else place
        for name, place in places.items()
    }
    for path in (*package.files, *package.config, *installed, *units):
        yield f"{TEMPORARY}/{_listed(path, found)}"


def _documents(name: str, package: Package) -> Iterator[str]:
    for path, folder in documents(package):
        if folder:
            yield f"{debhelper_path(path)} usr/share/doc/{name}/{debhelper_path(folder)}"


def _link(link: str, target: str, places: Mapping[str, str]) -> str:
    # dh_link(1) takes both relative to the root and makes links relative as in Policy 10.5.
    place = expand(link, places, debhelper_path)
    target = posixpath.join(posixpath.dirname(place), expand(target, places, debhelper_path))
    return f"{target.strip('/')} {place.strip('/')}"


def _conffiles(package: Package, places: Mapping[str, str]) -> Iterator[str]:
    # debhelper marks everything below /etc (dh_installdeb(1)).
    paths = (expand(path, places) for path in package.config)
    return (path for path in paths if not path.startswith("/etc/"))


def _trigger_paths(package: Package, distro: Distro) -> Iterator[str]:
    places = places_of(distro)
    for path in package.triggers.paths if package.triggers else ():
        yield expand(path, places).rstrip("/")


def _install_commands(package: Package, distro: Distro) -> Iterator[str]:
    for item in package.install:
        folder = _in_make(TEMPORARY, item.to, distro)
        yield f"install -D -m {item.mode} -t {folder} {_words(item.source)}"


def _mode_commands(name: str, package: Package, distro: Distro) -> Iterator[str]:
    # dh_fixperms(1) has modes of its own for some directories.
    for item in package.install:
        if item.mode != _PLAIN_MODE:
            file = _words(posixpath.basename(item.source))
            yield f"chmod {item.mode} {_in_make(f'debian/{name}', item.to, distro)}/{file}"
    for directory in package.directories:
        if directory.mode != _PLAIN_DIRECTORY:
            yield f"chmod {directory.mode} {_in_make(f'debian/{name}', directory.path, distro)}"


def _in_make(root: str, folder: str, distro: Distro) -> str:
    folder = expand(folder, debhelper_places(distro, "$(DEB_HOST_MULTIARCH)"), _words)
    return f"{root}/{folder.strip('/')}"


def _words(pattern: str) -> str:
    return make_text(shell_pattern(pattern))


def make_text(text: str) -> str:
    """Return text escaped for a makefile."""
    return text.replace("$", "$$")


def make_value(text: str) -> str:
    """Return text as the value of a variable in a makefile.

    GNU make begins a comment at ``#``, continues a line that ends in a backslash, and drops spaces
    around a value.
    """
    value = re.sub(r"(\\*)#", r"\1\1\\#", make_text(text))
    before = "$()" if value[:1].isspace() else ""
    after = "$()" if value.endswith("\\") else ""
    return f"{before}{value}{after}"


def make_word(text: str, places: Mapping[str, str]) -> str:
    """Return a shell word escaped for a makefile's recipe; names in braces are replaced."""
    return shlex.quote(expand(make_text(text), places))


def _unit_groups(units: tuple[Unit, ...]) -> Iterator[UnitGroup]:
    groups: dict[str, list[str]] = {}
    for unit in units:
        # By default debhelper stops a unit on upgrade that it does not start on installation.
        no_start = "" if unit.start else " --no-start --restart-after-upgrade"
        options = ("" if unit.enable else " --no-enable") + no_start
        groups.setdefault(options, []).append(make_text(shlex.quote(unit.name)))
    for options, names in groups.items():
        yield UnitGroup(options, tuple(names))
