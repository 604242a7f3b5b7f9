# SPDX-License-Identifier: Apache-2.0
"""Pipelines of GitHub Actions and GitLab CI: the shipped files, and the jobs of a change."""

import json
from collections.abc import Sequence

import yaml

from xsbuild.planner.matrix import Job
from xsbuild.shipped import shipped

# A pipeline's file does not change with the manifest: its first job asks for the others.
_FILES = {"github": ".github/workflows/packages.yml", "gitlab": ".gitlab/packages.yml"}


def pipeline(system: str) -> str:
    """Return the file that runs xsbuild in a CI system, ``github`` or ``gitlab``."""
    return shipped(_FILES[system]).read_text(encoding="utf-8")


def github_jobs(jobs: Sequence[Job]) -> str:
    """Return the jobs of a change, as an output of the workflow's first job."""
    rows = [{"distro": job.distro, "components": " ".join(job.components)} for job in jobs]
    return f"jobs={json.dumps(rows)}\n"


def gitlab_jobs(jobs: Sequence[Job]) -> str:
    """Return the jobs of a change, as the child pipeline that the first job starts."""
    # GitLab refuses a pipeline that has no job.
    nothing = {"nothing": {"script": ["echo nothing to build"]}}
    pipeline = {f"{job.distro}: {' '.join(job.components)}": _gitlab_job(job) for job in jobs}
    common = {
        "image": "debian:stable",
        "variables": {"XSBUILD_CACHE": "$CI_PROJECT_DIR/.xsbuild"},
    }
    return yaml.safe_dump({**common, **(pipeline or nothing)}, sort_keys=False, width=1000)


def _gitlab_job(job: Job) -> dict[str, object]:
    return {
        "script": [
            "apt-get update && apt-get install --yes git make python3",
            "make .venv/ready",
            f".venv/bin/xsbuild build --distro {job.distro} {' '.join(job.components)}",
        ],
        "cache": {"key": f"xsbuild-{job.distro}", "paths": [".xsbuild"]},
        "artifacts": {"paths": ["dist"], "when": "always"},
    }
