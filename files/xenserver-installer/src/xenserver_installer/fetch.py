# SPDX-License-Identifier: Apache-2.0
"""Finds the answer file that the kernel's command line names."""

import hashlib
import shlex
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from xenserver_installer.errors import InstallError
from xenserver_installer.run import run


@dataclass(frozen=True)
class Arguments:
    """The installer's arguments on the kernel's command line.

    Attributes:
        answers: where the answer file is; "" for questions.
        sha256: its checksum; "" if none was given.
        console: `com1` or `vga`.
        verify: only verify the medium.
    """

    answers: str = ""
    sha256: str = ""
    console: str = "vga"
    verify: bool = False


def read_arguments(command_line: str) -> Arguments:
    """Read the kernel's command line; of several arguments of a name the last one counts."""
    words = shlex.split(command_line)
    values = dict(word.partition("=")[::2] for word in words if word.startswith("xenserver."))
    console = values.get("xenserver.console", "vga")
    if console not in ("com1", "vga"):
        raise InstallError(f"xenserver.console={console}: expected com1 or vga")
    return Arguments(
        values.get("xenserver.answers", ""),
        values.get("xenserver.answers-sha256", "").lower(),
        console,
        "xenserver.verify" in values,
    )


def fetch_answers(arguments: Arguments, medium: Path) -> str:
    """Return the text of the answer file.

    Raises:
        InstallError: it cannot be read, or its checksum is wrong.
    """
    source = arguments.answers
    if source.startswith(("http://", "https://")):
        content = _download(source, arguments.sha256)
    elif source.startswith("label:"):
        content = _from_label(source.removeprefix("label:"))
    elif source == "medium":
        content = _read(medium / "answers.yaml")
    else:
        raise InstallError(
            f"xenserver.answers={source}: expected medium, label:NAME/FILE or a web address"
        )
    if arguments.sha256 and hashlib.sha256(content).hexdigest() != arguments.sha256:
        raise InstallError(f"the answer file from {source} has another checksum than was given")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InstallError(f"the answer file from {source} is not UTF-8 text") from error


def _download(address: str, sha256: str) -> bytes:
    if not sha256:
        raise InstallError(
            f"{address} needs xenserver.answers-sha256=, as the network is not trusted"
        )
    limits = ["--max-filesize", str(1 << 20), "--max-time", "60"]
    # the network may need a while after the start
    retries = [
        "--retry",
        "10",
        "--retry-delay",
        "3",
        "--retry-max-time",
        "90",
        "--retry-all-errors",
    ]
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / "answers.yaml"
        words: list[str | Path] = [
            "--fail",
            "--silent",
            "--show-error",
            "--location",
            "--output",
            file,
        ]
        try:
            run(["curl", *words, *limits, *retries, address])
        except InstallError as error:
            raise InstallError(
                f"the answer file cannot be fetched from {address}: {error}"
            ) from error
        return file.read_bytes()


def _from_label(text: str) -> bytes:
    label, _, name = text.partition("/")
    path = PurePosixPath(name)
    if not label or not name or ".." in path.parts or path.is_absolute():
        raise InstallError(f"xenserver.answers=label:{text}: expected label:NAME/FILE")
    device = Path("/dev/disk/by-label") / label
    if not device.exists():
        raise InstallError(f"no file system has the label {label}, where the answer file is to be")
    with TemporaryDirectory() as scratch:
        run(["mount", "-o", "ro,nosymfollow", device, scratch])
        try:
            return _read(Path(scratch) / path)
        finally:
            run(["umount", scratch])


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InstallError(
            f"the answer file {file.name} cannot be read: {error.strerror}"
        ) from error
