# SPDX-License-Identifier: Apache-2.0
"""Buildroots of the rpm family; see `family.BuildrootFamily`."""

import grp
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.builder import Builder, BuildRequest
from xsbuild.buildroots.buildlog import BUILD, DEPENDENCIES, UNPACK
from xsbuild.buildroots.buildroot import Buildroot, Entry
from xsbuild.buildroots.causes import explain
from xsbuild.buildroots.dnf import Dnf, opened, prepare, requirements
from xsbuild.buildroots.mock import Mock
from xsbuild.buildroots.rpmbase import RpmBaseBuilder
from xsbuild.buildroots.rpmlayer import dependencies
from xsbuild.host import process

builders: Mapping[str, Callable[[], Builder]] = {"mock": Mock, "dnf": Dnf}
base_builder = RpmBaseBuilder


def default_builder() -> str:
    """Return the fastest builder that this user may run."""
    return "mock" if _may_use_mock() else "dnf"


def _may_use_mock() -> bool:
    if not process.is_program("mock"):
        return False
    with suppress(KeyError):
        return os.geteuid() == 0 or grp.getgrnam("mock").gr_gid in os.getgroups()
    return False


@contextmanager
def laid_out(
    request: BuildRequest, base: Base, step: Callable[[str], None]
) -> Iterator[tuple[Buildroot, Entry]]:
    """Hold a buildroot in the state of `Dnf` before compilation.

    An invalid spec file or a dependency that cannot be installed is reported but no error.
    """
    with ExitStack() as stack:
        layers, tree, doing = [], None, UNPACK
        try:
            step(doing)
            prepared = prepare(request, base)
            tree, doing = prepared.tree, DEPENDENCIES
            step(doing)
            wanted = requirements(request, base, prepared)
            layers.append(stack.enter_context(dependencies(request, base, wanted)))
        except process.CommandFailedError as error:
            step(f"not all is ready: {explain(error.output, doing)}")
        root = stack.enter_context(opened(request, base, request.scratch, *layers, tree=tree))
        if tree is None:
            root.unpack()
        yield root.root, Dnf().entry(request, BUILD)
