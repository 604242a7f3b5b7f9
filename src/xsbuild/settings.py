# SPDX-License-Identifier: Apache-2.0
"""The user's settings: folders (XDG), mirrors, the signing key.

The file is ``$XDG_CONFIG_HOME/xsbuild/config.yaml``; every key is optional::

    archives: {debian: ["http://mirror.example/debian"]}
    rewrite: {"https://github.com/": "file:///srv/mirror/"}
    signing-key: 0123456789ABCDEF0123456789ABCDEF01234567
    keep: {days: 30, gigabytes: 30}
    limits: {build-time: 6 h, build-silence: 1 h, download-size: 20 GiB, download-speed: 1 KiB}
    distro: debian
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs


@dataclass(frozen=True, slots=True)
class Folders:
    """Directories that xsbuild keeps between runs.

    Attributes:
        cache: everything that can be recreated.
        data: the signing key that xsbuild generated.
        config: the user's files: ``config.yaml`` and ``distros/``.
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
        """Layers of installed build dependencies, by a hash of their inputs."""
        return self.cache / "layers"

    @property
    def store(self) -> Path:
        """Finished results, by key."""
        return self.cache / "store"

    @property
    def work(self) -> Path:
        """Directories of running tasks, one per process; removed after their process has ended."""
        return self.cache / "work"

    @property
    def indexes(self) -> Path:
        """Indexes of distros."""
        return self.cache / "indexes"

    @property
    def locks(self) -> Path:
        """Locks of distros for which a project has none, by project."""
        return self.cache / "locks"


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep of the caches of sources, results and build dependencies after a build.

    Attributes:
        days: time after which unused entries are removed.
        gigabytes: total size, in 10^9 bytes; entries in use may exceed it.
    """

    days: int = 30
    gigabytes: int = 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of single operations, for upstreams and builds that misbehave.

    Attributes:
        build_time: of a build, in seconds.
        build_silence: time without output of a build, in seconds.
        download_size: of a source, in bytes.
        download_speed: least bytes per second, over half a minute.
        unpacked_size: of the files of an archive, in bytes.
        repository_age: age of a published repository of which `test-install` warns, in seconds.
        unpacked_files: number of the files and directories of an archive.
        document_size: of a signature, or a document of a package index, in bytes.
    """

    build_time: int = 6 * 3600
    build_silence: int = 3600
    download_size: int = 20 << 30
    download_speed: int = 1 << 10
    document_size: int = 64 << 20
    unpacked_size: int = 20 << 30
    unpacked_files: int = 1_000_000
    repository_age: int = 30 * 24 * 3600


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Settings:
    """A user's settings.

    Attributes:
        folders: directories of the cache, data and configuration.
        archives: archive name → mirrors in order, for archives that distros name (``debian``).
        rewrite: URL prefix → URL prefix, longest prefix first when applied.
        signing_key: fingerprint in the user's own keyring; None: xsbuild's own key.
        offline: use only the caches.
        keep: limits of the caches.
        distro: the distro of commands without ``--distro``; None for the host's own.
        limits: of single operations.
    """

    folders: Folders
    archives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rewrite: Mapping[str, str] = field(default_factory=dict)
    signing_key: str | None = None
    offline: bool = False
    keep: Keep = Keep()
    distro: str | None = None
    limits: Limits = DEFAULT_LIMITS


def default_folders() -> Folders:
    """Return the XDG folders of this user; ``XSBUILD_CACHE`` moves the cache."""
    dirs = platformdirs.PlatformDirs("xsbuild")
    cache = os.environ.get("XSBUILD_CACHE")
    return Folders(
        cache=Path(cache) if cache else dirs.user_cache_path,
        data=dirs.user_data_path,
        config=dirs.user_config_path,
    )


def load_settings(*, offline: bool = False, folders: Folders | None = None) -> Settings:
    """Read the user's settings; defaults without a file.

    Raises:
        InputError: the file cannot be read.
        ProblemsError: with everything that is wrong in it.
    """
    folders = folders or default_folders()
    file = folders.config / "config.yaml"
    return _read(file, folders, offline) if file.exists() else Settings(folders, offline=offline)


def _read(file: Path, folders: Folders, offline: bool) -> Settings:
    # Most users have no such file, and pydantic is slow to import.
    from xsbuild.config import Config  # noqa: PLC0415
    from xsbuild.yamlfile import load  # noqa: PLC0415

    config = load(file, Config, empty=Config())
    return Settings(
        folders,
        config.archives,
        config.rewrite,
        config.signing_key,
        offline,
        Keep(config.keep.days, config.keep.gigabytes),
        config.distro,
        Limits(**config.limits.amounts()),
    )
