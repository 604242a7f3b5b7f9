# SPDX-License-Identifier: Apache-2.0
"""The partitions of an installed disk: definitions of repart.d(5), adapted to the answers."""

from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

from xenserver_installer.answers import Answers, size_of
from xenserver_installer.errors import InstallError

STORAGE = "storage"
_SUFFIXES = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
# systemd-repart(8) has no name for it
_LVM = "e6d6d379-f507-44c2-a23c-238f2a3df928"
_TABLE = 2 << 20  # the partition table at both ends, and alignment


@dataclass(frozen=True)
class Definition:
    """A partition.

    Attributes:
        name: file name of the definition.
        settings: its section `Partition`.
    """

    name: str
    settings: dict[str, str]

    @property
    def label(self) -> str:
        """Its name in the partition table."""
        return self.settings.get("Label", "")

    @property
    def min_size(self) -> int:
        """Its smallest size in bytes."""
        text = self.settings.get("SizeMinBytes", "0")
        return int(text.rstrip("KMG")) * _SUFFIXES.get(text[-1:], 1)

    def __str__(self) -> str:
        lines = "".join(f"{key}={value}\n" for key, value in self.settings.items())
        return f"[Partition]\n{lines}"


def read_definitions(folder: Path) -> list[Definition]:
    """Read the definitions of a directory, in the order of their names."""
    return [_read(file) for file in sorted(folder.glob("*.conf"))]


def _read(file: Path) -> Definition:
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # as the module's docs say
    parser.read_string(file.read_text(encoding="utf-8"))
    return Definition(file.name, dict(parser["Partition"]))


def adapted(definitions: list[Definition], answers: Answers) -> list[Definition]:
    """Return the definitions for some answers."""
    return list(_adapted(definitions, answers))


def _adapted(definitions: list[Definition], answers: Answers) -> Iterator[Definition]:
    for item in definitions:
        settings = dict(item.settings)
        if item.label == STORAGE:
            if answers.storage.type == "none":
                continue
            if answers.storage.type == "lvm":
                settings["Type"] = _LVM
        if item.label.startswith("system-") and answers.system_size:
            size = str(size_of(answers.system_size))
            settings |= {"SizeMinBytes": size, "SizeMaxBytes": size}
        yield Definition(item.name, settings)


def needed(definitions: list[Definition]) -> int:
    """Return the smallest size of a disk in bytes."""
    return sum(item.min_size for item in definitions) + _TABLE


def check_space(definitions: list[Definition], unpacked: int) -> None:
    """Check that a system fits.

    Args:
        definitions: the partitions.
        unpacked: size of the system's files in bytes.

    Raises:
        InstallError: the partitions of systems are too small.
    """
    sizes = [item.min_size for item in definitions if item.label.startswith("system-")]
    if min(sizes) < unpacked * 5 // 4:
        raise InstallError(
            f"a system partition of {min(sizes) >> 20} MiB is too small for a system of "
            f"{unpacked >> 20} MiB; set system-size"
        )
