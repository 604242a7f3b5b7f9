# SPDX-License-Identifier: Apache-2.0
"""`xsbuild matrix`."""

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import distros_option
from xsbuild.host.terminal import echo
from xsbuild.planner.matrix import Job, jobs_for, project_at
from xsbuild.project import Project
from xsbuild.reports.pipelines import github_jobs, gitlab_jobs, pipeline
from xsbuild.reports.table import print_json


@click.command("matrix")
@click.option(
    "--format", "form", type=click.Choice(["json", "github", "gitlab"]), default="json",
    help="Output format; default: json.",
)  # fmt: skip
@click.option(
    "--changed-since", "revision", metavar="REV", help="Only jobs that changes since REV require."
)
@distros_option
@pass_context
def command(
    context: Context, *, form: str, revision: str | None, distro_names: tuple[str, ...]
) -> None:
    """Print the CI jobs that a change requires: components that are built together, by distro.

    The default is every distro with a lock file. Without --changed-since, `github` and `gitlab`
    print the pipeline definition, whose first job runs this command with it.

    \b
    Example:
      xsbuild matrix --changed-since origin/main
    """
    if revision is None and form != "json":
        echo(pipeline(form), nl=False)
        return
    jobs = _jobs(context.project(), revision, distro_names)
    if form == "json":
        print_json([{"distro": job.distro, "components": list(job.components)} for job in jobs])
    else:
        echo({"github": github_jobs, "gitlab": gitlab_jobs}[form](jobs), nl=False)


def _jobs(project: Project, revision: str | None, names: tuple[str, ...]) -> list[Job]:
    chosen = names or tuple(sorted(file.stem for file in project.locks.glob("*.yaml")))
    distros = [project.distros.get(name) for name in chosen]
    if revision is None:
        return jobs_for(project, distros, None)
    with project_at(project, revision) as before:
        return jobs_for(project, distros, before)
