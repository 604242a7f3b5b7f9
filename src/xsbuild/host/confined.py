# SPDX-License-Identifier: Apache-2.0
"""Run packaging tools on untrusted text, confined to their input.

A spec file, a makefile or a source tree can contain commands that the tool reading it executes:
rpmspec(8) runs ``%(touch /root/x)`` in a spec file. Such tools therefore run in their own
namespaces (bwrap(1)): without network, unprivileged, with the host's programs and one directory.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from xsbuild.host import process

_NOBODY = "65534"
# Programs, their libraries and their configuration in /etc; no accounts, no keys.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64")
_CONFIGURATION = ("alternatives", "dpkg", "ld.so.cache", "rpm")


def run_confined(
    args: Sequence[str | Path],
    *,
    folder: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    ok: Collection[int] = (0,),
) -> process.Completed:
    """Run a command that reads untrusted text; see `process.run` for the other arguments.

    Args:
        folder: the only directory of the host that the command sees, at the same path, writable.
        cwd: its working directory, in `folder`; default: `folder`.

    Raises:
        MissingToolError: bwrap is not installed.
        CommandFailedError: its exit status is not in `ok`.
    """
    process.require("bwrap")
    place = folder.resolve()
    return process.run(
        args,
        within=_bwrap(place, (cwd or folder).resolve()),
        env={"TMPDIR": str(place), "HOME": str(place), **(env or {})},
        log=log,
        ok=ok,
    )


def _bwrap(folder: Path, cwd: Path) -> tuple[str, ...]:
    system = [word for path in _SYSTEM for word in ("--ro-bind-try", path, path)]
    for name in _CONFIGURATION:
        system += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return (
        "bwrap", "--die-with-parent", "--new-session", "--unshare-all",
        # Even the host's root becomes an unprivileged user there, without capabilities.
        "--unshare-user", "--uid", _NOBODY, "--gid", _NOBODY, "--cap-drop", "ALL",
        *system, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",  # noqa: S108
        "--bind", str(folder), str(folder), "--chdir", str(cwd), "--",
    )  # fmt: skip
