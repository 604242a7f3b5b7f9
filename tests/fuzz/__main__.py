# SPDX-License-Identifier: Apache-2.0
"""Run the fuzzer in a namespace: without network, the host read-only, its box in memory."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_INSIDE = "XSBUILD_FUZZ_INSIDE"


def enter() -> None:
    """Become the same program in a namespace (bwrap(1)), with its box at /mnt."""
    command = [
        "bwrap", "--die-with-parent", "--unshare-net", "--unshare-pid", "--ro-bind", "/", "/",
        "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/mnt", "--chdir", str(ROOT),
        *(("--cap-add", "ALL") if os.geteuid() == 0 else ()),
        sys.executable, "-m", "tests.fuzz", *sys.argv[1:],
    ]  # fmt: skip
    paths = [str(ROOT / "src"), str(ROOT), str(ROOT / "tests/support"), str(ROOT / "tests/unit")]
    inside = {_INSIDE: "1", "TMPDIR": "/mnt", "PYTHONPATH": ":".join(paths)}
    # Each thread's arena counts against the limit of memory, though little of it is used.
    os.execvpe("bwrap", command, {**os.environ, **inside, "MALLOC_ARENA_MAX": "2"})  # noqa: S606, S607


if __name__ == "__main__":
    if _INSIDE not in os.environ:
        enter()
    from tests.fuzz.loop import main

    sys.exit(main())
