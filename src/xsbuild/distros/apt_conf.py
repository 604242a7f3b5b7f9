# SPDX-License-Identifier: Apache-2.0
"""Write apt.conf(5)."""

from collections.abc import Mapping
from pathlib import Path

from xsbuild.host import process

# How the host reaches archives and whether it insists on fresh ones; nothing else of its apt
# configuration concerns a chroot.
_REACHING = ("Acquire::http", "Acquire::https", "Acquire::Check-Valid-Until", "Acquire::Check-Date")
_CONTENTS = "Acquire::IndexTargets::deb::Contents"
# Packages files are kept as text: apt looks up records in them, which takes it ten seconds more in
# a compressed one. Contents files come in gzip, and Python reads that. Fetched as the user who
# runs this: apt's own user may not enter the cache.
_PRIVATE: Mapping[str, object] = {
    "APT::Sandbox::User": "",
    "APT::Get::List-Cleanup": "true",
    "APT::Install-Recommends": "false",
    "Acquire::Languages": "none",
    "Acquire::PDiffs": "false",
    "Acquire::Retries": 1,
    # apt waits half a minute by default, twice for each file, for a mirror that has stalled
    "Acquire::http::Timeout": 10,
    "Acquire::https::Timeout": 10,
    "Acquire::GzipIndexes": "false",
    f"{_CONTENTS}::MetaKey": "$(COMPONENT)/Contents-$(ARCHITECTURE)",
    f"{_CONTENTS}::ShortDescription": "Contents-$(ARCHITECTURE)",
    f"{_CONTENTS}::Description": "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Contents",
    f"{_CONTENTS}::KeepCompressed": "true",
    f"{_CONTENTS}::KeepCompressedAs": "gz",
}
_RELEASE_ONLY: Mapping[str, object] = {
    "Dir::Etc::Parts": "/dev/null",
    "Dir::Etc::Main": "/dev/null",
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::State::Status": "/dev/null",
    "Acquire::IndexTargets::deb::Packages::DefaultEnabled": "false",
    "Acquire::IndexTargets::deb::Translations::DefaultEnabled": "false",
    "Acquire::http::Timeout": 5,
    "Acquire::https::Timeout": 5,
    "Acquire::Retries": 0,
    "APT::Sandbox::User": "root",
    "APT::Update::Error-Mode": "any",
}


def apt_configuration(settings: Mapping[str, object]) -> str:
    """Write settings as an apt.conf(5) has them."""
    return "".join(f'{name} "{value}";\n' for name, value in settings.items())


def private_configuration(folder: Path, architecture: str) -> str:
    """Write the configuration of an apt that has its own Dir and reads Contents files.

    Args:
        folder: its Dir.
        architecture: Debian's name of it.
    """
    own = {
        "Dir": folder,
        "Dir::State::status": folder / "var/lib/dpkg/status",
        "APT::Architecture": architecture,
        "APT::Architectures::": architecture,
    }
    return apt_configuration({**own, **_PRIVATE}) + reaching_options()


def release_configuration(sources: Path, folder: Path) -> str:
    """Write the configuration of an apt that fetches nothing but InRelease files.

    Args:
        sources: names the archives (sources.list(5)).
        folder: an existing directory with a folder `lists`, in which are those of before.
    """
    own = {
        "Dir::Etc::SourceList": sources,
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder,
    }
    return reaching_options() + apt_configuration({**own, **_RELEASE_ONLY})


def reaching_options() -> str:
    """The host's apt settings on proxies and freshness, as text for an apt.conf(5)."""
    command = ["apt-config", "dump", "--no-empty", "--format", '%f "%v";%n', *_REACHING]
    return process.run(command).output if process.is_program("apt-config") else ""
