# SPDX-License-Identifier: Apache-2.0
"""The files of a binary package in a spec file: commands of %install, and the %files list."""

import posixpath
import re
import shlex
from collections.abc import Callable, Iterator

from xsbuild.manifest.model import Install, Package
from xsbuild.manifest.places import expand, places_of
from xsbuild.recipes.documents import base_name, documents
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.rpm_directories import owned_directories
from xsbuild.recipes.text import macro_free, shell_pattern, spec_path

_LICENSE = re.compile(r"(?i)(licen[cs]e|copying|copyright)\b")
# debhelper marks every file below it as a conffile: dh_installdeb(1)
_CONFIGURATION = ("{sysconfdir}/", "/etc/")
# Names that all versions of rpmbuild copy as documents, within a shell command of their own
_PLAIN = re.compile(r"[\w@%+=:,./*?-]+", re.ASCII)
_COMPRESSED = ("{mandir}/", "{datadir}/info/")
_MACRO = re.compile(r"%\{\w+\}")
_PLAIN_DIRECTORY = "0755"  # default of install(1) for a directory


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


def install_commands(
    name: str, package: Package, request: RecipeRequest, preset: int | None, users: int | None
) -> Iterator[str]:
    """Yield a package's commands in %install.

    Args:
        name: the package's name.
        package: its manifest entry.
        request: the component to render.
        preset: the number of its preset file among the sources, if it has units.
        users: the number of its sysusers.d file among the sources, if it has users.
    """
    for item in package.install:
        source = _in_shell(item.source)
        yield f"install -D -m {item.mode} -t %{{buildroot}}{_folder(item, request)} {source}"
    for directory in package.directories:
        yield f"install -d %{{buildroot}}{placed(directory.path, request, _in_shell)}"
    for link, target in package.links.items():
        place = placed(link, request, _in_shell)
        yield f"install -d %{{buildroot}}{posixpath.dirname(place)}"
        yield f"ln -s {placed(target, request, _in_shell)} %{{buildroot}}{place}"
    for path, folder in documents(package):
        if not _is_copied(path, folder):
            place = f"%{{buildroot}}{_documents_of(name, path)}/{_in_shell(folder)}".rstrip("/")
            yield f"install -d {place}"
            yield f"cp -pr {_in_shell(path.rstrip('/'))} {place}"
    if preset is not None:
        place = f"%{{buildroot}}%{{_presetdir}}/80-{name}.preset"
        yield f"install -D -m 0644 %{{SOURCE{preset}}} {place}"
    if users is not None:
        place = f"%{{buildroot}}%{{_sysusersdir}}/{name}.conf"
        yield f"install -D -m 0644 %{{SOURCE{users}}} {place}"


def _folder(item: Install, request: RecipeRequest) -> str:
    return placed(item.to, request, _in_shell).rstrip("/")


def file_list(name: str, package: Package, request: RecipeRequest) -> Iterator[str]:
    """Yield the lines of a package's %files list."""
    yield from _documents(name, package)
    given = (*package.files, *_installed(package))
    listed = [_listed(path, request) for path in given]
    listed += [_path(f"{{unitdir}}/{unit.name}", request) for unit in package.units]
    listed += [_path(link, request) for link in package.links]
    config = [_path(path, request) for path in (*package.config, *filter(_is_config, given))]
    yield from dict.fromkeys(path for path in listed if path not in config)
    yield from dict.fromkeys(f"%config(noreplace) {path}" for path in config)
    yield from dict.fromkeys(_owned(package, request))
    if package.units:
        yield f"%{{_presetdir}}/80-{name}.preset"
    if package.users or package.groups:
        yield f"%{{_sysusersdir}}/{name}.conf"


def _is_config(path: str) -> bool:
    return path.startswith(_CONFIGURATION)


def _documents(name: str, package: Package) -> Iterator[str]:
    folders: dict[str, None] = {}
    for path, folder in documents(package):
        kind = "%license" if _is_license(path) else "%doc"
        if _is_copied(path, folder):
            yield f"{kind} {macro_free(path)}"
            continue
        top, inner = _documents_of(name, path), posixpath.join(folder, base_name(path))
        yield f"{kind} {spec_path(f'{top}/{macro_free(inner)}')}"
        folders[top] = None
        while inner := posixpath.dirname(inner):
            folders[f"{top}/{macro_free(inner)}"] = None
    yield from (f"%dir {spec_path(folder)}" for folder in folders)


def _documents_of(name: str, path: str) -> str:
    return f"%{{{'_defaultlicensedir' if _is_license(path) else '_docdir'}}}/{name}"


def _is_license(path: str) -> bool:
    return _LICENSE.match(base_name(path)) is not None


def _is_copied(path: str, folder: str) -> bool:
    """Return whether rpmbuild itself copies a document where it belongs."""
    return not folder and _PLAIN.fullmatch(path) is not None


def _owned(package: Package, request: RecipeRequest) -> Iterator[str]:
    every = request.component.packages.values()
    modes = {item.path: item.mode for other in every for item in other.directories}
    made = [item.path for item in package.directories]
    given = [*package.files, *_installed(package), *package.config, *package.links, *made]
    for path in (*made, *owned_directories(given)):
        mode = modes.get(path, _PLAIN_DIRECTORY)
        attributes = "" if mode == _PLAIN_DIRECTORY else f"%attr({mode}, root, root) "
        yield f"{attributes}%dir {_path(path, request)}"


def _installed(package: Package) -> list[str]:
    return [f"{item.to.rstrip('/')}/{posixpath.basename(item.source)}" for item in package.install]


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
