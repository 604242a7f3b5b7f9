# SPDX-License-Identifier: Apache-2.0
"""Buildroots of the deb family; see `family.BuildrootFamily`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.builder import Builder, BuildRequest
from xsbuild.buildroots.buildlog import BUILD, DEPENDENCIES
from xsbuild.buildroots.buildroot import Buildroot, Entry, buildroot
from xsbuild.buildroots.causes import explain
from xsbuild.buildroots.debbase import DebBaseBuilder
from xsbuild.buildroots.deblayer import dependencies, use_repository
from xsbuild.buildroots.pbuilder import SETTINGS, Pbuilder, tree_of
from xsbuild.buildroots.sbuild import Sbuild
from xsbuild.host import process

_SOURCE = "/xsbuild/source"

builders: Mapping[str, Callable[[], Builder]] = {"pbuilder": Pbuilder, "sbuild": Sbuild}
base_builder = DebBaseBuilder


def default_builder() -> str:
    """Return the fastest builder."""
    return "pbuilder"


@contextmanager
def laid_out(
    request: BuildRequest, base: Base, step: Callable[[str], None]
) -> Iterator[tuple[Buildroot, Entry]]:
    """Hold a buildroot in pbuilder's state before compilation, with root as its user.

    If a dependency cannot be installed, none is.
    """
    with ExitStack() as stack:
        step(DEPENDENCIES)
        layers, reached = [], BUILD
        try:
            layers.append(stack.enter_context(dependencies(request, base)))
        except process.CommandFailedError as error:
            cause = explain(error.output, DEPENDENCIES)
            step(f"some build dependencies could not be installed: {cause}")
            reached = DEPENDENCIES
        binds = {request.source.parent: _SOURCE}
        root = stack.enter_context(buildroot(base, request.scratch, *layers, binds=binds))
        if request.repository and reached == DEPENDENCIES:
            use_repository(root, request.repository, request.log)
        step(f"unpack {request.source.name}")
        _unpack(root, request)
        yield root, Pbuilder().entry(request, reached)


def _unpack(root: Buildroot, request: BuildRequest) -> None:
    user, folder = SETTINGS["BUILDUSERNAME"], SETTINGS["BUILDDIR"]
    numbers = ("--uid", SETTINGS["BUILDUSERID"], "--user-group")
    home = ("--no-create-home", "--home-dir", SETTINGS["BUILD_HOME"])
    root.run(["useradd", *numbers, *home, user], log=request.log)
    root.run(["mkdir", "--parents", folder], log=request.log)
    unpack = ("dpkg-source", "--no-check", "--extract")
    dsc = f"{_SOURCE}/{request.source.name}"
    root.run([*unpack, dsc, tree_of(request.source)], log=request.log)
    root.run(["chown", "--recursive", f"{user}:{user}", folder], log=request.log)
