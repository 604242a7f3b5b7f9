# SPDX-License-Identifier: Apache-2.0
"""A fresh buildroot of the rpm family, laid out as `Dnf` does it before it compiles."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.builder import BuildRequest
from xsbuild.buildroots.buildlog import BUILD, DEPENDENCIES, UNPACK
from xsbuild.buildroots.buildroot import Buildroot, Entry
from xsbuild.buildroots.causes import explain
from xsbuild.buildroots.dnf import Dnf, opened, prepare, requirements
from xsbuild.buildroots.rpmlayer import dependencies
from xsbuild.host import process


@contextmanager
def laid_out(
    request: BuildRequest, base: Base, step: Callable[[str], None]
) -> Iterator[tuple[Buildroot, Entry]]:
    """Hold a buildroot where all is ready to compile; see `debshell.laid_out`.

    Neither a spec file that rpm refuses nor a dependency that cannot be installed stops it.
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
