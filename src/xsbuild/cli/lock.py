# SPDX-License-Identifier: Apache-2.0
"""`xsbuild lock`."""

import click

from xsbuild.capabilities.fetch_index import open_index
from xsbuild.capabilities.lockfile import Lock, diff_locks, find_lock, lock_file, save_lock
from xsbuild.capabilities.make_lock import Locking, make_lock
from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import distros_option
from xsbuild.distros.model import Distro
from xsbuild.errors import InputError
from xsbuild.host.terminal import echo
from xsbuild.project import Project


@click.command("lock")
@distros_option
@click.option("--all", "everything", is_flag=True, help="All distros that have a lock file.")
@pass_context
def command(context: Context, *, distro_names: tuple[str, ...], everything: bool) -> None:
    """Resolve the manifest's capabilities to package names and write locks/DISTRO.yaml.

    Prints the changes, to be reviewed and committed. The exit status is 1 if several packages
    offer a capability and no rule selects one.

    \b
    Example:
      xsbuild lock --distro debian-13
    """
    project = context.project()
    distros = _distros(project, distro_names, everything=everything)
    ambiguous = 0
    for distro in distros:
        with open_index(distro, project.settings, context.step) as index:
            locking = make_lock(project.manifest, distro, index)
        file = lock_file(project.locks, distro.name)
        old = find_lock(file)
        save_lock(locking.lock, file)
        _report(locking, old)
        ambiguous += len(locking.ambiguous)
    if ambiguous:
        click.get_current_context().exit(1)


def _distros(project: Project, names: tuple[str, ...], *, everything: bool) -> list[Distro]:
    if everything:
        names = tuple(sorted(file.stem for file in project.locks.glob("*.yaml")))
    if not names:
        hint = "name some with --distro" if not everything else "make the first with --distro NAME"
        raise InputError("no distro to lock", hint=hint, code="XSB-USAGE-ARGUMENT")
    return [project.distros.get(name) for name in names]


def _report(locking: Locking, old: Lock | None) -> None:
    new = locking.lock
    before = f"{old.index.date} → " if old and old.index != new.index else ""
    echo(
        f"{new.distro} ({before}{new.index.date}): {len(new.capabilities)} capabilities found, "
        f"{len(new.missing)} not there"
    )
    for line in diff_locks(old, new):
        echo(f"  {line}")
    for item in locking.unresolved:
        users = ", ".join(locking.users[item.capability])
        if item.candidates:
            echo(f"  error: {item} (for {users})")
        elif item.nearest and not (old and item.capability in old.missing):
            echo(f"  {item} (for {users})")
