# SPDX-License-Identifier: Apache-2.0
"""`xsbuild test-install`."""

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import distro_option, json_option, targets_argument
from xsbuild.installtest.install_test import run_install_test
from xsbuild.reports.installtest import show_install_test


@click.command("test-install")
@distro_option
@click.option("--http", is_flag=True, help="Reach the repository through a web server on loopback.")
@json_option
@targets_argument
@pass_context
def command(
    context: Context, *, distro_name: str, http: bool, as_json: bool, targets: tuple[str, ...]
) -> None:
    """Install published packages in a clean chroot and check what they do there.

    TARGETs are packages of the repository dist/DISTRO; every meta-package that has all its parts in
    the repository when none is given. Signatures are checked. Nothing on this machine changes.

    \b
    Example:
      xsbuild test-install --distro debian xenserver-core-platform
    """
    project = context.project()
    distro = project.distros.get(distro_name)
    test = run_install_test(project, distro, targets, context.progress(), http=http)
    show_install_test(test, as_json=as_json)
    test.raise_if_failed()
