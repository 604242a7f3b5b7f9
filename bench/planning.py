# SPDX-License-Identifier: Apache-2.0
"""The figures of ``bench/plan.py``, which prints them as JSON."""

import json
import subprocess
import sys

from bench.contestants import ROOT


def planning() -> dict[str, str]:
    """Runs it; returns what it found, or why it found nothing, by what it is."""
    command = [sys.executable, str(ROOT / "bench/plan.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"planning": f"not measured: {(done.stderr.splitlines() or ['it failed'])[-1]}"}
    return dict(_flat("", json.loads(done.stdout)))


def _flat(name: str, value: object) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        pairs = [(f"{name}: {key}" if name else str(key), inner) for key, inner in value.items()]
        return [item for pair in pairs for item in _flat(*pair)]
    return [(name, str(value))]
