# SPDX-License-Identifier: Apache-2.0
"""Render a debian directory.

The default templates are in ``debian/_base/``; those below ``package/`` are rendered once for each
package. A file of ``debian/NAME/`` overrides the base's file of that path, or is added; ``.j2``
files are rendered, others are copied. Files that render to nothing are omitted.
"""

import email.utils
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xsbuild.errors import RecipeError
from xsbuild.manifest.libraries import dune_folder
from xsbuild.manifest.model import Build
from xsbuild.manifest.patch import patch_path
from xsbuild.manifest.places import expand
from xsbuild.manifest.requirement import Requirement
from xsbuild.recipes.debian_control import relations
from xsbuild.recipes.debian_extra import autopkgtests, extra_files
from xsbuild.recipes.debian_files import Binary, binary_of, debhelper_places, make_value, make_word
from xsbuild.recipes.licenses import LicensedPart, dep5_expression, license_paragraphs
from xsbuild.recipes.lint import source_overrides
from xsbuild.recipes.model import (
    RecipeRequest,
    changelog_times,
    has_python,
    tools_of,
)
from xsbuild.recipes.templates import SUFFIX, Templates
from xsbuild.recipes.tree import File, FileTree

BASE = "_base"
_PACKAGE = "package/"
_LICENSES = "licenses/"
_RULES = "rules"
_UNIT_FOLDERS = ("/lib/systemd/system", "/usr/lib/systemd/system")

_PYTHON = "dh-sequence-python3"  # fills in ${python3:Depends}
# Build-essential packages, which lintian rejects as build dependencies (Policy 4.2).
_ESSENTIAL = frozenset(
    (
        *("build-essential", "dpkg-dev", "g++", "gcc", "libc6-dev", "make"),
        # `Essential: yes`, Policy 3.8
        *("base-files", "base-passwd", "bash", "bsdutils", "coreutils", "dash", "debianutils"),
        *("diffutils", "dpkg", "findutils", "grep", "gzip", "hostname", "init-system-helpers"),
        *("libc-bin", "login", "ncurses-base", "ncurses-bin", "perl-base", "sed"),
        *("sysvinit-utils", "tar", "util-linux"),
    )
)


@dataclass(frozen=True, slots=True)
class SourceView:
    """The source package as seen by templates."""

    name: str
    version: str
    upstream_version: str
    section: str
    homepage: str
    maintainer: str
    vcs_git: str
    vcs_browser: str
    build_depends: tuple[str, ...]
    patches: tuple[str, ...]
    lint: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BuildView:
    """Build facts for templates; texts are escaped for a makefile.

    Attributes:
        options: one a line, to be appended to a command.
        other_unitdir: the unit directory of distros with another merged /usr.
        dune: the directory of dune's source if dune has to be built first, else "".
    """

    system: str
    buildsystem: str
    options: str
    environment: tuple[tuple[str, str], ...]
    subdirectory: str
    check: bool
    unitdir: str
    other_unitdir: str
    dune: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of debian/changelog: version, filled changes, date as in e-mail."""

    version: str
    changes: tuple[str, ...]
    date: str
    year: int


def render_debian(request: RecipeRequest) -> FileTree:
    """Render the debian directory of a component; paths are below ``debian/``.

    Raises:
        RecipeError: a template or a patch is invalid, or a capability has no package.
    """
    templates = Templates(request.root, request.systems.folders)
    base = templates.files(BASE)
    build = request.component.build
    if build is None:
        raise RecipeError(
            f"{request.name} says nothing of how it is built", code="XSB-RECIPE-BUILD"
        )
    tree: dict[PurePosixPath, File] = {}
    context = _context(request, build, templates, base)
    for output, rendering in _renderings(request, build, templates, base, context).items():
        file = rendering.file(templates, output)
        if file.content.strip():
            tree[PurePosixPath(output)] = file
    return {**tree, **extra_files(request)}


@dataclass(frozen=True, slots=True)
class _Rendering:
    template: str
    path: Path
    context: Mapping[str, object]

    def file(self, templates: Templates, output: str) -> File:
        if self.template.endswith(SUFFIX):
            content = templates.render(self.template, self.context).encode()
        else:
            content = templates.read(self.path)
        program = output == _RULES or bool(self.path.stat().st_mode & 0o100)
        return File(content, program)


def _renderings(
    request: RecipeRequest,
    build: Build,
    templates: Templates,
    base: Mapping[str, Path],
    context: Mapping[str, object],
) -> dict[str, _Rendering]:
    found: dict[str, _Rendering] = {}
    binaries = _binaries(request, build)
    context = {**context, "packages": binaries}
    for path, file in base.items():
        template, output = f"{BASE}/{path}", path.removesuffix(SUFFIX)
        if path.startswith(_PACKAGE):
            kind = output.removeprefix(_PACKAGE)
            for binary in binaries:
                inner = {**context, "package": binary}
                found[f"{binary.name}.{kind}"] = _Rendering(template, file, inner)
        elif not path.startswith(_LICENSES):
            found[output] = _Rendering(template, file, context)
    for path, file in templates.files(request.name).items():
        output = path.removesuffix(SUFFIX)
        known = found[output].context if output in found else context
        found[output] = _Rendering(f"{request.name}/{path}", file, known)
    return found


def _context(
    request: RecipeRequest, build: Build, templates: Templates, base: Mapping[str, Path]
) -> dict[str, object]:
    component = request.component
    parts = component.licensed_files
    licenses = (component.license, request.product.license, *(part.license for part in parts))
    return {
        "source": SourceView(
            name=request.name,
            version=request.version,
            upstream_version=component.version,
            section=component.section,
            homepage=component.homepage,
            maintainer=request.product.maintainer,
            vcs_git=request.product.vcs_git or "",
            vcs_browser=request.product.vcs_browser or "",
            build_depends=tuple(_build_depends(request, build)),
            patches=tuple(map(patch_path, component.patches)),
            lint=tuple(source_overrides(request.name, component)),
        ),
        "build": _build_view(request, build),
        "changelog": _changelog(request),
        "holders": component.copyright,
        "license": dep5_expression(licenses[0]),
        "licensed_files": [
            LicensedPart(part.files, part.copyright, dep5_expression(part.license))
            for part in parts
        ],
        "packaging_license": dep5_expression(licenses[1]),
        "licenses": license_paragraphs(" AND ".join(licenses), _license_text(templates, base)),
        "tests": autopkgtests(request),
    }


def _version(request: RecipeRequest, version: str) -> str:
    return f"{version}{request.distro.version_suffix}"


def _build_view(request: RecipeRequest, build: Build) -> BuildView:
    component = request.component
    places = debhelper_places(request.distro, "$(DEB_HOST_MULTIARCH)")
    values = {**places, "version": component.version, "name": request.name}
    unitdir = places["unitdir"]
    return BuildView(
        system=build.system,
        buildsystem=request.systems.get(build.system).debhelper,
        options="".join(f" \\\n\t\t{make_word(option, values)}" for option in build.options),
        environment=tuple(
            (name, expand(make_value(value), values))
            for name, value in sorted(build.environment.items())
        ),
        subdirectory=make_word(build.subdirectory or "", {}) if build.subdirectory else "",
        check=build.check,
        unitdir=unitdir,
        other_unitdir=next(folder for folder in _UNIT_FOLDERS if folder != unitdir),
        dune=dune_folder(component),
    )


def _build_depends(request: RecipeRequest, build: Build) -> list[str]:
    named = (" | ".join(names) for names in tools_of(request, build.system))
    tools = ["debhelper-compat (= 13)", *named]
    if dune_folder(request.component):
        tools.remove("ocaml-dune")
    packages = request.component.packages.values()
    if any(package.users or package.groups for package in packages):
        tools.append("dh-sequence-installsysusers")
    if has_python(request.component):
        tools.append(_PYTHON)
    needed = relations(build.requires, request.names)
    everything = dict.fromkeys([*tools, *needed, *_check_depends(build, request, needed)])
    return [name for name in everything if name not in _ESSENTIAL]


def _check_depends(build: Build, request: RecipeRequest, needed: list[str]) -> list[str]:
    wanted: tuple[Requirement, ...] = build.check_requires if build.check else ()
    also = [item for item in wanted if not {*relations([item], request.names)} <= {*needed}]
    return relations(also, request.names, "<!nocheck>")


def _binaries(request: RecipeRequest, build: Build) -> tuple[Binary, ...]:
    tools = tools_of(request, build.system)
    python = has_python(request.component) or (_PYTHON,) in tools
    common = ["${misc:Depends}", *(["${python3:Depends}"] if python else [])]
    return tuple(
        binary_of(
            name,
            request,
            (*(["${shlibs:Depends}"] if package.architecture == "any" else []), *common),
        )
        for name, package in request.component.packages.items()
    )


def _changelog(request: RecipeRequest) -> tuple[Entry, ...]:
    changelog = request.component.changelog
    return tuple(
        Entry(
            version=_version(request, entry.version),
            changes=tuple(_wrapped(change) for change in entry.changes),
            date=email.utils.formatdate(time).replace("-0000", "+0000"),
            year=entry.date.year,
        )
        for entry, time in zip(changelog, changelog_times(changelog), strict=True)
    )


def _wrapped(change: str) -> str:
    return textwrap.fill(
        change, 78, initial_indent="  * ", subsequent_indent="    ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _license_text(templates: Templates, base: Mapping[str, Path]) -> Callable[[str], str]:
    def text_of(identifier: str) -> str:
        # Only listed identifiers: an identifier may be any text.
        if file := base.get(f"{_LICENSES}{identifier}"):
            return templates.read_text(file)
        raise RecipeError(
            f"no text of the licence {identifier}",
            hint=f"put it in debian/{BASE}/{_LICENSES}{identifier} or override copyright.j2",
            code="XSB-RECIPE-LICENSE",
        )

    return text_of
