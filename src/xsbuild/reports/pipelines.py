# SPDX-License-Identifier: Apache-2.0
"""Pipelines of GitHub Actions and GitLab CI: the files in the repository, and a change's jobs."""

import json
from collections.abc import Sequence

import yaml

from xsbuild.planner.matrix import Job

# The pipeline's file does not change with the manifest: its first job asks for the others.
GITHUB = """\
# SPDX-License-Identifier: Apache-2.0
# Made by `xsbuild matrix --format github`, which a test compares it with.
name: packages
on:
  push: {branches: [main]}
  pull_request: {}
permissions: {contents: read}
env: {XSBUILD_CACHE: "${{ github.workspace }}/.xsbuild"}
jobs:
  jobs:
    runs-on: ubuntu-latest
    container: "debian:stable"
    outputs: {jobs: "${{ steps.jobs.outputs.jobs }}"}
    steps:
      - run: apt-get update && apt-get install --yes git make python3
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}
      - run: git config --global --add safe.directory "$PWD"
      - run: make .venv/ready
      - run: .venv/bin/xsbuild check --locked
      - id: jobs
        env: {SINCE: "${{ github.event.pull_request.base.sha || github.event.before }}"}
        run: .venv/bin/xsbuild matrix --format github --changed-since "$SINCE" >> "$GITHUB_OUTPUT"
  build:
    needs: jobs
    if: needs.jobs.outputs.jobs != '[]'
    strategy:
      fail-fast: false
      matrix: {job: "${{ fromJSON(needs.jobs.outputs.jobs) }}"}
    name: "${{ matrix.job.distro }}: ${{ matrix.job.components }}"
    runs-on: ubuntu-latest
    container: {image: "debian:stable", options: --privileged}
    steps:
      - run: apt-get update && apt-get install --yes git make python3
      - uses: actions/checkout@v4
      - uses: actions/cache@v4
        with:
          path: .xsbuild
          key: "xsbuild-${{ matrix.job.distro }}-${{ github.sha }}"
          restore-keys: "xsbuild-${{ matrix.job.distro }}-"
      - run: make .venv/ready
      - env: {DISTRO: "${{ matrix.job.distro }}", COMPONENTS: "${{ matrix.job.components }}"}
        run: .venv/bin/xsbuild build --distro "$DISTRO" $COMPONENTS
      - uses: actions/upload-artifact@v4
        if: always()
        with: {name: "${{ matrix.job.distro }}-${{ strategy.job-index }}", path: dist}
"""
GITLAB = """\
# SPDX-License-Identifier: Apache-2.0
# Made by `xsbuild matrix --format gitlab`, which a test compares it with.
stages: [jobs, build]
image: "debian:stable"
variables: {XSBUILD_CACHE: "$CI_PROJECT_DIR/.xsbuild", GIT_DEPTH: "0"}
jobs:
  stage: jobs
  script:
    - apt-get update && apt-get install --yes git make python3
    - make .venv/ready
    - .venv/bin/xsbuild check --locked
    - SINCE="${CI_MERGE_REQUEST_DIFF_BASE_SHA:-$CI_COMMIT_BEFORE_SHA}"
    - .venv/bin/xsbuild matrix --format gitlab --changed-since "$SINCE" > jobs.yml
  artifacts: {paths: [jobs.yml]}
build:
  stage: build
  trigger:
    include: [{artifact: jobs.yml, job: jobs}]
    strategy: depend
"""


def github_jobs(jobs: Sequence[Job]) -> str:
    """The jobs of a change, as the workflow's first job gives them to the others."""
    rows = [{"distro": job.distro, "components": " ".join(job.components)} for job in jobs]
    return f"jobs={json.dumps(rows)}\n"


def gitlab_jobs(jobs: Sequence[Job]) -> str:
    """The jobs of a change, as the child pipeline that the first job starts."""
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
