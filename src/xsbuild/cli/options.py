# SPDX-License-Identifier: Apache-2.0
"""Options and arguments that several subcommands share."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Literal, TypeVar

import click

from xsbuild.cli.context import Context
from xsbuild.errors import InputError, XsbuildError

if TYPE_CHECKING:
    from xsbuild.planner.graph import Targets
    from xsbuild.planner.target import Target
    from xsbuild.project import Project

Command = TypeVar("Command", bound=Callable[..., object])


def _complete_distro(ctx: click.Context, _param: click.Parameter, text: str) -> list[str]:
    try:
        return [name for name in _context(ctx).project().distros.files if name.startswith(text)]
    except XsbuildError:
        return []


def _complete_target(ctx: click.Context, _param: click.Parameter, text: str) -> list[str]:
    try:
        manifest = _context(ctx).project().manifest
    except XsbuildError:
        return []
    names = [*manifest.components, *manifest.meta_packages]
    return [name for name in names if name.startswith(text)]


def _context(ctx: click.Context) -> Context:
    return ctx.find_object(Context) or Context()


def distro_option(function: Command) -> Command:
    """--distro NAME, once; without it the default of this user or the host's own distro."""
    return click.option(
        "-d",
        "--distro",
        "distro_name",
        multiple=True,
        callback=_one_distro,
        metavar="NAME",
        shell_complete=_complete_distro,
        help="The distro or an alias of it; `xsbuild distros` lists them. "
        "Default: `distro` in config.yaml, else the host's own.",
    )(function)


def _one_distro(ctx: click.Context, _param: click.Parameter, names: tuple[str, ...]) -> str:
    if len(names) > 1:
        raise InputError(
            f"several distros: {', '.join(names)}",
            hint=f"run `{ctx.command_path}` once for each of them",
            code="XSB-USAGE-ARGUMENT",
        )
    if names or ctx.resilient_parsing:
        return names[0] if names else ""
    return _default_distro(_context(ctx))


def _default_distro(context: Context) -> str:
    from xsbuild.distros.load import host_distro  # noqa: PLC0415 - imports pydantic

    project = context.project()
    if project.settings.distro:
        context.step(f"distro: {project.settings.distro} (from config.yaml)")
        return project.settings.distro
    name = host_distro(project.distros.files)
    if name is None:
        raise InputError(
            "no distro is given, and the host's own is none of those known",
            hint=f"use --distro with one of {', '.join(sorted(project.distros.files))}",
            code="XSB-USAGE-UNKNOWN-DISTRO",
        )
    context.step(f"distro: {name} (the host's own)")
    return name


def distros_option(function: Command) -> Command:
    """--distro NAME, several times."""
    return click.option(
        "-d",
        "--distro",
        "distro_names",
        multiple=True,
        metavar="NAME",
        shell_complete=_complete_distro,
        help="A distro or an alias of it; may be given several times.",
    )(function)


def targets_argument(function: Command) -> Command:
    """TARGET…: components, packages or meta-packages."""
    return click.argument(
        "targets", nargs=-1, metavar="[TARGET]...", shell_complete=_complete_target
    )(function)


def json_option(function: Command) -> Command:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def provider_option(function: Command) -> Command:
    """Add ``--provider COMPONENT=build|distro``, which may be repeated."""
    return click.option(
        "--provider",
        "providers",
        multiple=True,
        metavar="COMPONENT=build|distro",
        help="Build a component or take the distro's, overriding the manifest.",
    )(function)


def builder_option(default: str) -> Callable[[Command], Command]:
    """--builder NAME, of any family."""
    return click.option(
        "--builder",
        type=click.Choice(["pbuilder", "sbuild", "mock", "dnf"]),
        help=f"Builder of the buildroot; default: {default}.",
    )


def parse_providers(texts: tuple[str, ...]) -> dict[str, Literal["build", "distro"]]:
    """Read what --provider was given.

    Raises:
        InputError: it is something else than ``COMPONENT=build`` or ``COMPONENT=distro``.
    """
    parsed: dict[str, Literal["build", "distro"]] = {}
    for text in texts:
        name, _, use = text.partition("=")
        if use == "build":
            parsed[name] = "build"
        elif use == "distro":
            parsed[name] = "distro"
        else:
            raise InputError(
                f"--provider {text}: expected COMPONENT=build or COMPONENT=distro",
                code="XSB-USAGE-ARGUMENT",
            )
    return parsed


@dataclass(frozen=True, slots=True)
class Chosen:
    """The user's request, resolved for a distro.

    Attributes:
        target: the distro, with this project's components there.
        targets: what is to be built.
        builder: its name.
    """

    target: "Target"
    targets: "Targets"
    builder: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The user's request, as typed.

    Attributes:
        distro: its name or alias.
        builder: its name; None for the default.
        providers: each ``COMPONENT=build`` or ``COMPONENT=distro``.
        targets: components, packages and meta-packages; none for everything.
    """

    distro: str
    builder: str | None
    providers: tuple[str, ...]
    targets: tuple[str, ...]

    def ensure_lock(self, context: Context, *, refresh: bool = False) -> None:
        """Make the distro's lock if there is none; see `xsbuild.planner.locks.ensure_lock`."""
        from xsbuild.planner.locks import ensure_lock  # noqa: PLC0415 - as below

        project = context.project()
        ensure_lock(project, project.distros.get(self.distro), context.step, refresh=refresh)

    def choose(self, project: "Project") -> Chosen:
        """Find what it means in a project.

        Raises:
            InputError: a name is unknown.
            ProblemsError: the manifest, the distro or its lock is wrong.
        """
        # A build that has nothing to do needs none of these.
        from xsbuild.buildroots.family import builder_for  # noqa: PLC0415
        from xsbuild.planner.graph import select  # noqa: PLC0415
        from xsbuild.planner.target import target_for  # noqa: PLC0415

        distro = project.distros.get(self.distro)
        builder = builder_for(self.builder, distro)
        target = target_for(project, distro, parse_providers(self.providers))
        return Chosen(target, select(target.graph, target.own_names(self.targets)), builder)


def asked_options(function: Callable[..., None]) -> Callable[..., None]:
    """--distro, --builder, --provider and TARGET…, given on as ``asked``."""

    @distro_option
    @builder_option("the fastest that this user may run")
    @provider_option
    @targets_argument
    @wraps(function)
    def wrapped(
        *args: object,
        distro_name: str,
        builder: str | None,
        providers: tuple[str, ...],
        targets: tuple[str, ...],
        **kwargs: object,
    ) -> None:
        function(*args, asked=Asked(distro_name, builder, providers, targets), **kwargs)

    return wrapped
