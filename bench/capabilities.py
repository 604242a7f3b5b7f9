# SPDX-License-Identifier: Apache-2.0
"""Measures the index and the resolver: ``.venv/bin/python bench/capabilities.py [DISTRO]``.

Goals, for debian-12: indexed in under 30 s and 300 MB of memory, a hundred capabilities answered in
under 0.2 s. The archive's lists are fetched first and are not part of what is measured.
"""

import json
import os
import resource
import sys
import tempfile
import time
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path

from xsbuild.capabilities.debindex import read_contents, read_packages
from xsbuild.capabilities.fetch_index import index_folder, open_index
from xsbuild.capabilities.index import Index, write_index
from xsbuild.capabilities.lockfile import load_lock, lock_file
from xsbuild.capabilities.patterns import Patterns
from xsbuild.capabilities.resolver import resolve
from xsbuild.distros.apt import PrivateApt
from xsbuild.project import find_project
from xsbuild.settings import load_settings


def main() -> None:
    """Prints the numbers as JSON."""
    project = find_project(load_settings(), Path(__file__).parents[1] / "components.yaml")
    distro = project.distros.get(sys.argv[1] if len(sys.argv) > 1 else "debian-12")
    with open_index(distro, project.settings, lambda _text: None) as index:
        stamp = index.stamp
    apt = PrivateApt(index_folder(distro, project.settings) / "apt")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "index.sqlite"
        start, cpu = time.monotonic(), time.process_time()
        write_index(
            file,
            stamp=stamp,
            family=distro.family,
            patterns=Patterns(next(iter(distro.architectures))),
            packages=read_packages(apt.targets("Packages")),
            files=read_contents(apt.targets("Contents")),
        )
        indexed, indexed_cpu = time.monotonic() - start, time.process_time() - cpu
        lock = load_lock(lock_file(project.locks, distro.name))
        hundred = list(islice(cycle([*lock.capabilities, *lock.missing]), 100))
        with closing(Index(file)) as index:
            start = time.monotonic()
            for capability in hundred:
                resolve(capability, index, distro)
            answered = time.monotonic() - start
        numbers = {
            "distro": distro.name,
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
            "index seconds": round(indexed, 1),
            "index CPU seconds": round(indexed_cpu, 1),
            "memory MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "memory before MB": round(before / 1024),
            "file MB": round(file.stat().st_size / 1e6),
            "100 capabilities, seconds": round(answered, 3),
        }
    sys.stdout.write(json.dumps(numbers, indent=2) + "\n")


if __name__ == "__main__":
    main()
