# SPDX-License-Identifier: Apache-2.0
"""Lays out a buildroot of the deb family for a person who wants to build by hand."""

from collections.abc import Callable
from pathlib import Path

from debian.deb822 import Dsc

from xsbuild import process
from xsbuild.buildroots.failures import explain
from xsbuild.buildroots.pbuilder import use_repository
from xsbuild.buildroots.progress import DEPENDENCIES
from xsbuild.buildroots.session import Buildroot

_BUILD = "/build"
_SOURCE = "/xsbuild/source"


def lay_out(
    root: Buildroot,
    source: Path,
    repository: Path | None,
    log: Path,
    step: Callable[[str], None],
) -> list[str]:
    """Unpacks a source package in ``/build`` and installs what it needs.

    A dependency that cannot be installed is told and does not stop it: that may be why somebody
    wants to look.

    Args:
        root: a fresh buildroot.
        source: the ``.dsc``, beside its files.
        repository: the private repository of internal build dependencies, where there are any.
        log: takes the output.
        step: told what happens, and what to type.

    Returns:
        The command of a shell that starts in the source tree.
    """
    if repository:
        use_repository(root, repository, log)
    inside = root.path / _SOURCE.lstrip("/")
    root.namespace.run("mkdir", "--parents", inside)
    root.namespace.run("mount", "--bind", "-o", "ro", source.parent, inside)
    dsc = f"{_SOURCE}/{source.name}"
    tree = f"{_BUILD}/{_tree_of(source)}"
    step(f"unpack {source.name}")
    root.run(["mkdir", "--parents", _BUILD], log=log)
    root.run(["dpkg-source", "--no-check", "--extract", dsc, tree], log=log)
    step(DEPENDENCIES)
    _install_dependencies(root, dsc, log, step)
    step(f"in {tree}, `dpkg-buildpackage --build=binary --no-sign` builds; `exit` throws all away")
    return ["env", f"--chdir={tree}", "bash"]


def _tree_of(source: Path) -> str:
    """The directory's name, as policy 4.7 has it: name and upstream version."""
    with source.open("rb") as stream:
        dsc = Dsc(stream)
    version = dsc["Version"].partition(":")[2] or dsc["Version"]
    return f"{dsc['Source']}-{version.rpartition('-')[0] or version}"


def _install_dependencies(
    root: Buildroot, dsc: str, log: Path, step: Callable[[str], None]
) -> None:
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "--yes", "--quiet", "build-dep", dsc]
    try:
        root.run(command, env=env, network=True, log=log)
    except process.CommandFailedError as error:
        step(f"what it needs is not all installed: {explain(error.output, DEPENDENCIES)}")
