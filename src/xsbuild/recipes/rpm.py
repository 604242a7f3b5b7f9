# SPDX-License-Identifier: Apache-2.0
"""Render a spec file, and the additional source files of its source RPM.

The template is ``specs/NAME.spec.j2`` if the project has it, else ``specs/_base.spec.j2``.
"""

import os
import shlex
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from xsbuild.errors import RecipeError
from xsbuild.manifest.libraries import dune_folder
from xsbuild.manifest.model import (
    Build,
    Component,
    Package,
    Source,
)
from xsbuild.manifest.patch import patch_path
from xsbuild.recipes.licenses import joined
from xsbuild.recipes.lint import rpmlintrc
from xsbuild.recipes.model import RecipeRequest, has_python, read_patches, tools_of
from xsbuild.recipes.rpm_files import placed, word
from xsbuild.recipes.rpm_package import (
    filled,
    preset_file,
    requirements,
    rpm_package,
    sysusers_file,
)
from xsbuild.recipes.templates import SUFFIX, Templates
from xsbuild.recipes.text import macro_free, spec_body, sysusers_lines
from xsbuild.recipes.tree import File, FileTree
from xsbuild.sources.kinds.table import kind_of
from xsbuild.sources.pins import filled_in

_BASE = "_base.spec.j2"
_PYTHON = "python"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One source of a source RPM.

    Attributes:
        file_name: its name beside the spec file.
        tag: the value of its Source tag: its URL, if it has one.
        comment: its origin, if it has no URL.
        directory: its directory below the source tree; empty for the main source.
        own: it is packed by xsbuild, with the top directory NAME-VERSION.
    """

    file_name: str
    tag: str
    comment: str
    directory: str
    own: bool


@dataclass(frozen=True, slots=True)
class SpecView:
    """The source package as seen by templates."""

    name: str
    version: str
    release: int
    summary: str
    description: str
    license: str
    homepage: str
    epoch: int
    noarch: bool
    build_requires: tuple[str, ...]
    sources: tuple[SourceFile, ...]
    extra_sources: tuple[str, ...]
    patches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpecBuild:
    """Build facts for templates; texts are escaped for a shell script."""

    system: str
    options: str
    environment: tuple[str, ...]
    subdirectory: str
    check: bool
    pytest: bool
    kerneldir: str
    ocamldir: str
    dune: str


@dataclass(frozen=True, slots=True)
class SpecEntry:
    """An entry of the changelog: header line and changes."""

    head: str
    changes: tuple[str, ...]


def source_files(name: str, component: Component) -> list[SourceFile]:
    """Return file names of a component's sources in a source RPM, in the manifest's order."""
    files = [_source_file(name, component.version, source) for source in component.sources]
    names = Counter(file.file_name for file in files)
    return [
        _renamed(file) if file.directory and names[file.file_name] > 1 else file for file in files
    ]


def _renamed(file: SourceFile) -> SourceFile:
    name = f"{file.directory}-{file.file_name}"
    address, _, _ = file.tag.partition("#")
    tag = f"{address}#/{name}" if "://" in address else name
    return replace(file, file_name=name, tag=tag)


def _source_file(name: str, version: str, source: Source) -> SourceFile:
    source = filled_in(source, name, version)
    directory = source.name or ""
    file_name = f"{name}-{version}{f'-{directory}' if directory else ''}.tar.gz"
    kind = kind_of(source)
    origin = kind.origin(file_name, version)
    return SourceFile(
        origin.file_name,
        macro_free(origin.address),
        macro_free(origin.comment),
        directory,
        kind.made_here,
    )


def render_rpm(request: RecipeRequest) -> FileTree:
    """Render the spec file of a component, with its patches and other small sources.

    Raises:
        RecipeError: a template or a patch is invalid, or a capability has no package.
    """
    build = request.component.build
    if build is None:
        raise RecipeError(
            f"{request.name} says nothing of how it is built", code="XSB-RECIPE-BUILD"
        )
    extra = dict(_extra_files(request.name, request.component))
    first = len(request.component.sources)
    numbers = {name: first + index for index, name in enumerate(extra)}
    packages = [rpm_package(name, request, numbers) for name in request.component.packages]
    context = {
        "source": _spec_view(request, build, tuple(extra)),
        "build": _spec_build(request, build),
        "packages": packages,
        "main": next((item for item in packages if not item.option), None),
        "changelog": _changelog(request),
    }
    own = f"{request.name}.spec{SUFFIX}"
    template = own if any(os.path.lexists(folder / own) for folder in request.root) else _BASE
    spec = Templates(request.root, request.systems.folders).render(template, context)
    tree = {PurePosixPath(f"{request.name}.spec"): File(spec.encode())}
    tree |= {PurePosixPath(name): File(text.encode()) for name, text in extra.items()}
    return {**tree, **_patches(request)}


def _extra_files(source: str, component: Component) -> Iterator[tuple[str, str]]:
    for name, package in component.packages.items():
        lines = sysusers_lines(package)
        if lines:
            yield sysusers_file(name), "".join(f"{line}\n" for line in lines)
        if package.units:
            yield preset_file(name), _preset(package)
    if text := rpmlintrc(source, component):
        yield f"{source}-rpmlintrc", text


def _preset(package: Package) -> str:
    # systemd.preset(5); distros disable units that no file of a lower number enables
    return "".join(
        f"{'enable' if unit.enable else 'disable'} {unit.name}\n" for unit in package.units
    )


def _spec_view(request: RecipeRequest, build: Build, extra: tuple[str, ...]) -> SpecView:
    component = request.component
    return SpecView(
        name=request.name,
        version=component.version,
        release=component.release,
        summary=macro_free(component.summary),
        description=spec_body(filled(component.description)),
        license=joined([component.license, *(part.license for part in component.licensed_files)]),
        homepage=macro_free(component.homepage),
        epoch=component.epoch,
        noarch=all(package.architecture == "all" for package in component.packages.values()),
        build_requires=tuple(_build_requires(request, build)),
        sources=tuple(source_files(request.name, component)),
        extra_sources=extra,
        patches=tuple(_patch_names(component).values()),
    )


def _build_requires(request: RecipeRequest, build: Build) -> list[str]:
    component, names = request.component, request.names
    wanted = [*build.requires, *(build.check_requires if build.check else ())]
    tools = _tools(request, build.system)
    if dune_folder(component):
        tools.remove("ocaml-dune")
    packages = component.packages.values()
    if any(package.units or package.users or package.groups for package in packages):
        tools.append("systemd-rpm-macros")
    if has_python(component):
        tools += _tools(request, _PYTHON)  # the macros of places
    return list(dict.fromkeys([*tools, *requirements(wanted, names)]))


def _tools(request: RecipeRequest, system: str) -> list[str]:
    found = tools_of(request, system)
    return [names[0] if len(names) == 1 else f"({' or '.join(names)})" for names in found]


def _spec_build(request: RecipeRequest, build: Build) -> SpecBuild:
    tests = {item.capability.name for item in build.check_requires}
    return SpecBuild(
        system=build.system,
        options="".join(f" \\\n    {word(option, request)}" for option in build.options),
        environment=tuple(
            f"export {name}={word(value, request)}"
            for name, value in sorted(build.environment.items())
        ),
        subdirectory=macro_free(shlex.quote(build.subdirectory)) if build.subdirectory else "",
        check=build.check,
        pytest="pytest" in tests,
        kerneldir=placed("{kerneldir}", request),
        ocamldir=placed("{ocamldir}", request),
        dune=dune_folder(request.component),
    )


def _changelog(request: RecipeRequest) -> list[SpecEntry]:
    maintainer = macro_free(request.product.maintainer)
    return [
        SpecEntry(
            f"* {entry.date:%a %b %d %Y} {maintainer} - {entry.version}",
            tuple(_change(change) for change in entry.changes),
        )
        for entry in request.component.changelog
    ]


def _change(text: str) -> str:
    lines = textwrap.wrap(
        text, 78, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False
    )
    return spec_body("\n".join(lines))


def _patches(request: RecipeRequest) -> FileTree:
    names = _patch_names(request.component)
    return {PurePosixPath(names[str(path)]): file for path, file in read_patches(request).items()}


def _patch_names(component: Component) -> dict[str, str]:
    """Return patch → its file name in the source RPM, which has no folders."""
    patches = [patch_path(patch) for patch in component.patches]
    short = Counter(PurePosixPath(patch).name for patch in patches)
    return {
        patch: name if short[name := PurePosixPath(patch).name] == 1 else patch.replace("/", "-")
        for patch in patches
    }
