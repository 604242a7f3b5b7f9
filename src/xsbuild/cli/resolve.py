# SPDX-License-Identifier: Apache-2.0
"""`xsbuild resolve`."""

import click

from xsbuild.capabilities.fetch_index import open_index
from xsbuild.capabilities.resolver import Resolved, Unresolved, resolve
from xsbuild.capabilities.versions import satisfies
from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import distros_option, json_option
from xsbuild.distros.model import Distro
from xsbuild.errors import InputError
from xsbuild.host.terminal import echo
from xsbuild.manifest.requirement import Capability, Requirement, parse_requirement
from xsbuild.planner.locks import lock_of
from xsbuild.project import Project
from xsbuild.reports.table import Row, show


@click.command("resolve")
@click.argument("capabilities", nargs=-1, required=True, metavar="CAPABILITY...")
@distros_option
@click.option("--explain", is_flag=True, help="Show how each answer was found.")
@click.option(
    "--refresh", is_flag=True, help="Use the archives' current indexes instead of the lock file."
)
@json_option
@pass_context
def command(
    context: Context,
    *,
    capabilities: tuple[str, ...],
    distro_names: tuple[str, ...],
    explain: bool,
    refresh: bool,
    as_json: bool,
) -> None:
    """Show the package of a distro that offers a capability.

    The distro's lock file is used if it has the capability, else the archives' indexes. The
    exit status is 1 if no package offers it, several do, or its version is too old.

    \b
    Example:
      xsbuild resolve 'pkgconfig(libxml-2.0)' 'bin(dune) >= 3.15' -d debian-12 -d debian-13
    """
    if not distro_names:
        raise InputError(
            "no distro to look at", hint="name some with --distro", code="XSB-USAGE-ARGUMENT"
        )
    project = context.project()
    wanted = [_requirement(text) for text in capabilities]
    rows: list[Row] = []
    for name in distro_names:
        distro = project.distros.get(name)
        locked = {} if refresh else _locked(project, distro)
        found = {item.capability: locked.get(item.capability) for item in wanted}
        if None in found.values():
            with open_index(distro, project.settings, context.step) as index:
                found = {
                    capability: answer or resolve(capability, index, distro)
                    for capability, answer in found.items()
                }
        answers = ((item, found[item.capability]) for item in wanted)
        rows += [_row(item, distro, answer) for item, answer in answers if answer]
    if explain and not as_json:
        _explain(rows)
    else:
        columns = ["capability", "distro", "package", "version", "problem"]
        show(rows, columns, as_json=as_json)
    if any(row["problem"] for row in rows):
        click.get_current_context().exit(1)


def _locked(project: Project, distro: Distro) -> dict[Capability, Resolved | Unresolved]:
    """Return the answers in the distro's lock, if it has one."""
    lock = lock_of(project, distro)
    if lock is None:
        return {}
    why = (f"the lock of {distro.name}, made from the archives of {lock.index.date}",)
    return {
        capability: Resolved(capability, facts.package, facts.version, "", why)
        for capability, facts in lock.capabilities.items()
    }


def _explain(rows: list[Row]) -> None:
    for row in rows:
        answer = row["problem"] or f"{row['package']} {row['version']}"
        echo(f"{row['capability']} on {row['distro']}: {answer}")
        why = row["why"]
        for line in why if isinstance(why, list) else ():
            echo(f"  {line}")


def _requirement(text: str) -> Requirement:
    try:
        requirement = parse_requirement(text)
    except ValueError as error:
        raise InputError(str(error), code="XSB-USAGE-ARGUMENT") from error
    if not requirement.capability.kind:
        hint = f"a program is bin({text}); `xsbuild resolve --help` has an example"
        raise InputError(f"{text!r} is no capability", hint=hint, code="XSB-USAGE-ARGUMENT")
    return requirement


def _row(requirement: Requirement, distro: Distro, result: Resolved | Unresolved) -> Row:
    row: Row = {"capability": str(requirement), "distro": distro.name, "why": list(result.why)}
    if isinstance(result, Unresolved):
        nothing = {"package": None, "version": None, "nearest": list(result.nearest)}
        return {**row, **nothing, "problem": str(result)}
    fits = satisfies(result.version, requirement.constraints, distro.family)
    bounds = ", ".join(map(str, requirement.constraints))
    problem = None if fits else f"not {bounds}"
    return {**row, "package": result.package, "version": result.version, "problem": problem}
