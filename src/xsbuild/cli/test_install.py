# SPDX-License-Identifier: Apache-2.0
"""`xsbuild test-install`."""

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import distro_option, json_option, targets_argument
from xsbuild.installtest.install_test import run_install_test
from xsbuild.reports.installtest import show_install_test


@click.command("test-install")
@distro_option
@click.option(
    "--http", is_flag=True, help="Serve the repository over HTTP on the loopback interface."
)
@json_option
@targets_argument
@pass_context
def command(
    context: Context, *, distro_name: str, http: bool, as_json: bool, targets: tuple[str, ...]
) -> None:
    """Install published packages in a clean chroot and check the result.

    TARGETs are packages of the repository in dist/DISTRO; the default is every meta-package
    whose packages are all published. Signatures are verified. This machine is not changed.

    \b
    Example:
      xsbuild test-install --distro debian xenserver-core-platform
    """
    project = context.project()
    distro = project.distros.get(distro_name)
    test = run_install_test(project, distro, targets, context.progress(), http=http)
    show_install_test(test, as_json=as_json)
    test.raise_if_failed()
