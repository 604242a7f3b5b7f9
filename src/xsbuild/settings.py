# SPDX-License-Identifier: Apache-2.0
"""What the user chose for this machine: folders (XDG), mirrors, the signing key.

The file is ``$XDG_CONFIG_HOME/xsbuild/config.yaml``; every key is optional::

    archives: {debian: "http://mirror.example/debian"}
    rewrite: {"https://github.com/": "file:///srv/mirror/"}
    signing-key: 0123456789ABCDEF0123456789ABCDEF01234567
    keep: {days: 30, gigabytes: 30}
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from xsbuild.errors import InputError

_KEYS = ("archives", "rewrite", "signing-key", "keep")


@dataclass(frozen=True, slots=True)
class Folders:
    """Where xsbuild keeps things between runs.

    Attributes:
        cache: everything that can be made again.
        data: the signing key that xsbuild made.
        config: what the user wrote: ``config.yaml`` and ``distros/``.
    """

    cache: Path
    data: Path
    config: Path

    @property
    def sources(self) -> Path:
        """Verified downloads, by content."""
        return self.cache / "sources"

    @property
    def bases(self) -> Path:
        """Base chroots, by distro."""
        return self.cache / "bases"

    @property
    def layers(self) -> Path:
        """Installed build dependencies, by what decides them."""
        return self.cache / "layers"

    @property
    def store(self) -> Path:
        """Finished results, by key."""
        return self.cache / "store"

    @property
    def work(self) -> Path:
        """Directories of running tasks, one per process; swept when their owner is gone."""
        return self.cache / "work"

    @property
    def indexes(self) -> Path:
        """What each distro offers."""
        return self.cache / "indexes"


@dataclass(frozen=True, slots=True)
class Limits:
    """What caches that grow may hold after a build: sources, results, build dependencies.

    Attributes:
        days: how long what is not used is kept.
        gigabytes: how much they take together, in 10^9 bytes; what is in use may take more.
    """

    days: int = 30
    gigabytes: int = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """A user's settings.

    Attributes:
        folders: where things are kept.
        archives: archive name → mirror, for archives a distro names (``debian``).
        rewrite: URL prefix → URL prefix, longest prefix first when applied.
        signing_key: fingerprint in the user's own keyring; None: xsbuild's own key.
        offline: use the caches alone.
        keep: what of the caches is kept.
    """

    folders: Folders
    archives: dict[str, str] = field(default_factory=dict)
    rewrite: dict[str, str] = field(default_factory=dict)
    signing_key: str | None = None
    offline: bool = False
    keep: Limits = Limits()


def default_folders() -> Folders:
    """The XDG folders of this user; ``XSBUILD_CACHE`` moves the cache."""
    dirs = platformdirs.PlatformDirs("xsbuild")
    cache = os.environ.get("XSBUILD_CACHE")
    return Folders(
        cache=Path(cache) if cache else dirs.user_cache_path,
        data=dirs.user_data_path,
        config=dirs.user_config_path,
    )


def load_settings(*, offline: bool = False, folders: Folders | None = None) -> Settings:
    """Reads the user's settings; defaults where there is no file.

    Raises:
        InputError: the file is no mapping of the known keys to what they take.
    """
    folders = folders or default_folders()
    file = folders.config / "config.yaml"
    data = _read(file) if file.exists() else {}
    archives, rewrite = (_mapping(file, key, data.get(key, {})) for key in ("archives", "rewrite"))
    key = data.get("signing-key")
    if not isinstance(key, str | None):
        raise InputError(
            f"{file}: signing-key: expected a fingerprint in quotes", code="XSB-CONFIG-SIGNING-KEY"
        )
    return Settings(folders, archives, rewrite, key, offline, _limits(file, data.get("keep", {})))


def _read(file: Path) -> dict[object, object]:
    import yaml  # noqa: PLC0415 - most people have no such file

    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {error}", code="XSB-SOURCE-DOWNLOAD") from error
    if not isinstance(data, dict) or set(data) - set(_KEYS):
        raise InputError(
            f"{file}: expected a mapping",
            hint=f"known keys: {', '.join(_KEYS)}",
            code="XSB-FILE-UNKNOWN-KEY",
        )
    return data


def _limits(file: Path, value: object) -> Limits:
    if isinstance(value, dict) and not set(value) - {"days", "gigabytes"}:
        numbers = {str(name): number for name, number in value.items()}
        if all(isinstance(number, int) and number >= 0 for number in numbers.values()):
            return Limits(**numbers)
    raise InputError(
        f"{file}: keep: expected days and gigabytes, each a whole number", code="XSB-FILE-VALUE"
    )


def _mapping(file: Path, key: str, value: object) -> dict[str, str]:
    if isinstance(value, dict) and all(isinstance(x, str) for pair in value.items() for x in pair):
        return value
    raise InputError(f"{file}: {key}: expected a mapping of text to text", code="XSB-FILE-TYPE")
