# SPDX-License-Identifier: Apache-2.0
"""Locks that the manifest has outgrown."""

from collections.abc import Iterator

from xsbuild.capabilities.lockfile import load_lock
from xsbuild.capabilities.make_lock import not_locked
from xsbuild.checks.manifest import Finding
from xsbuild.project import Project

STALE = "not locked"


def check_locks(project: Project) -> Iterator[tuple[str, Finding]]:
    """List what the manifest asks for and a lock of the project does not answer, with its distro.

    Raises:
        ProblemsError: a lock is wrong.
    """
    for file in sorted(project.locks.glob("*.yaml")):
        lock = load_lock(file)
        for capability, users in not_locked(project.manifest, lock).items():
            text = f"{capability}; `xsbuild lock --distro {lock.distro}` looks it up"
            yield lock.distro, Finding(", ".join(users), STALE, text)
        for name, component in project.manifest.components.items():
            if component.provider and name not in lock.providers:
                text = f"whether {lock.distro} provides it; `xsbuild lock --distro {lock.distro}`"
                yield lock.distro, Finding(name, STALE, text)
