# SPDX-License-Identifier: Apache-2.0
"""The appliance as a user makes it, and machines that it is installed on."""

import fcntl
import os
import re
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import yaml

from machine import Hardware, Machine, boot
from person import XSBUILD
from rendered import copy_product

APPLIANCE = "xenserver-appliance-platform"
PASSWORD = "secret"
# `openssl passwd -6 -salt abcdefgh secret`
_HASH = (
    "$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtL"
    "tip/cZ/1GM/O6IND4WQhG."
)
INSTALL, UNATTENDED, LIVE, RESCUE, VERIFY = range(5)  # entries of the medium's menu
SYSTEM, FORMER = range(2)  # entries of an installed disk's menu
_SAID = r"XENSERVER-INSTALLER: ([^\r\n]*)[\r\n]"


def once(path: Path, make: Callable[[Path], None]) -> Path:
    """Returns a file that the processes of a run share; the first that asks makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            draft = path.with_suffix(".new")
            make(draft)
            draft.rename(path)
    return path


def make_medium(project: Path, distro: str, image: Path) -> None:
    """Builds, publishes, and makes the medium, by the commands of README."""
    xsbuild(project, "--quiet", "build", "--distro", distro, *_packages(project))
    made = xsbuild(project, "--quiet", "appliance", "--distro", distro, APPLIANCE).strip()
    Path(made.splitlines()[-1]).rename(image)


def _packages(project: Path) -> list[str]:
    manifest = yaml.safe_load((project / "components.yaml").read_text())
    return list(manifest["appliances"][APPLIANCE]["packages"])


def xsbuild(project: Path, *args: str) -> str:
    """Runs the command, which must succeed, with a key of its own and the user's caches."""
    done = subprocess.run(
        [str(XSBUILD), "--manifest", str(project / "components.yaml"), *args],
        env={**os.environ, "XDG_DATA_HOME": str(project.parent / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def newer_project(folder: Path) -> Path:
    """A copy of the product, of a later version, with a later version of one package."""
    project = copy_product(folder)
    file = project / "components.yaml"
    text = file.read_text()
    head, name, rest = text.partition("\n  xenserver-core-setup:\n")
    rest = re.sub(r"(?m)^    version: .*$", "    version: 9.9.9", rest, count=1)
    change = "      - version: 9.9.9-1\n        date: 2026-11-28\n        changes: [Newer]\n"
    rest = rest.replace("    changelog:\n", f"    changelog:\n{change}", 1)
    head = re.sub(r"(?m)^  version: .*$", "  version: 9.9.9", head, count=1)
    file.write_text(head + name + rest)
    return project


def with_files(medium: Path, image: Path, files: Mapping[str, Path]) -> Path:
    """Copies a medium, with files added or replaced: path on it → file."""
    words = [word for path, file in files.items() for word in ("-map", str(file), path)]
    command = [
        "xorriso",
        "-indev",
        str(medium),
        "-outdev",
        str(image),
        "-boot_image",
        "any",
        "replay",
    ]
    image.unlink(missing_ok=True)
    subprocess.run([*command, *words], check=True, capture_output=True)
    return image


def file_of(medium: Path, path: str, file: Path) -> Path:
    """Copies a file of a medium."""
    command = ["xorriso", "-osirrox", "on", "-indev", str(medium), "-extract", path, str(file)]
    subprocess.run(command, check=True, capture_output=True)
    return file


def answers(**changes: object) -> str:
    """An answer file for a machine with one disk, disk0."""
    made: dict[str, object] = {
        "disk": {"serial": "disk0"},
        "hostname": "host1",
        "root": {"password-hash": _HASH},
        "dom0-memory": "1000 MiB",
        "after": "poweroff",
    }
    return yaml.safe_dump({**made, **changes})


def with_answers(medium: Path, folder: Path, **changes: object) -> Path:
    """Copies a medium, with an answer file on it."""
    file = folder / "answers.yaml"
    file.write_text(answers(**changes))
    return with_files(medium, folder / "unattended.iso", {"/answers.yaml": file})


def empty_disk(path: Path, size: int = 12 << 30) -> Path:
    """A disk that takes space only where it is written."""
    with path.open("wb") as stream:
        stream.truncate(size)
    return path


def copy_disk(source: Path, path: Path) -> Path:
    """Copies a disk, holes as holes."""
    command = ["/bin/cp", "--sparse=always", "--reflink=auto", str(source), str(path)]
    subprocess.run(command, check=True)
    return path


def said(machine: Machine, timeout: float = 900) -> list[str]:
    """Waits until the installer ends; the lines that it has printed, without their prefix."""
    lines: list[str] = []
    while not lines or not lines[-1].startswith(("finished", "failed")):
        lines.append(str(machine.expect(_SAID, timeout=timeout)[1]).strip())
    return lines


def install(name: str, hardware: Hardware, folder: Path) -> list[str]:
    """Runs the unattended installation of a medium; the installer's lines."""
    with boot(name, hardware, folder) as machine:
        machine.choose(UNATTENDED)
        lines = said(machine)
        if lines[-1] == "finished":
            machine.wait_until_off()
    return lines


def cut(name: str, hardware: Hardware, folder: Path, step: int, seconds: float) -> bool:
    """Cuts the power during an unattended installation.

    Args:
        name, hardware, folder: as for `install`.
        step: the step of the installer that is cut.
        seconds: of that step that pass before; it may end in this time, and others begin.

    Returns:
        Whether the installation had finished.
    """
    with boot(name, hardware, folder) as machine:
        machine.choose(UNATTENDED)
        machine.expect(f"XENSERVER-INSTALLER: step {step}/", timeout=900)
        shown = machine.watch(seconds)
        machine.cut_power()
    return "XENSERVER-INSTALLER: finished" in shown


def start_live(machine: Machine) -> None:
    """Waits for the shell of a live system, which asks for no password."""
    machine.expect(r"root@\S+", timeout=900)
    machine.use_shell()


def start(machine: Machine, entry: int | None = None) -> None:
    """Starts an installed host up to a shell of root's."""
    if entry is not None:
        machine.choose(entry)
    machine.log_in(PASSWORD, timeout=900)


def tar_disk(path: Path, files: Mapping[str, str]) -> Path:
    """A disk that is a tar archive: files for a machine, name → text."""
    with tarfile.open(path, "w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text.encode()), 0o755
            archive.addfile(entry, BytesIO(text.encode()))
    return path
