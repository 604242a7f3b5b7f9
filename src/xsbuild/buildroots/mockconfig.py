# SPDX-License-Identifier: Apache-2.0
"""The configuration of mock(1) for one task."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xsbuild.buildroots.rpmbase import build_macros
from xsbuild.distros.dnf import INSTALLING, dnf_configuration, rpm_of
from xsbuild.distros.model import Distro

# The metadata stay in the root cache: builds would wait for the lock of a shared cache.
_KEPT_OUT = ("./proc", "./sys", "./dev", "./tmp/ccache")


@dataclass(frozen=True, slots=True)
class Place:
    """Directories of mock.

    Attributes:
        basedir: the folder of its chroots, for one task.
        cache: the folder of its root caches, shared.
        lasting: the cache is managed by mock itself.
    """

    basedir: Path
    cache: Path
    lasting: bool


def configuration(
    distro: Distro,
    machine: str,
    place: Place,
    repositories: Sequence[str],
    *,
    epoch: int,
    jobs: int,
    installed: Path,
) -> str:
    """Return the configuration of a task.

    Args:
        distro: the target.
        machine: as in ``uname -m``.
        place: mock's directories.
        repositories: ``.repo`` files: the distro's, then the private one, if any.
        epoch: SOURCE_DATE_EPOCH, in seconds.
        jobs: number of threads of the build.
        installed: the folder of mock-core-configs.

    Returns:
        A text in mock's format, which is Python.
    """
    architecture = distro.architectures[machine]
    own = installed / f"{rpm_of(distro).mock}-{architecture}.cfg"
    if rpm_of(distro).mock and own.exists():
        lines = [
            f"include({str(own)!r})",
            *_assign({"dnf.conf": "\n".join(["", *repositories[1:]])}, "+"),
        ]
    else:
        lines = _definition(distro, architecture, repositories)
    macros = {f"%{name}": value for name, value in build_macros(distro).items()}
    macros["%_smp_build_ncpus"] = str(jobs)
    return "\n".join(
        [
            *lines,
            *_assign(_task(distro, place)),
            *_assign(macros, key="['macros']"),
            *_assign(
                {"SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC", "LC_ALL": "C.UTF-8"},
                key="['environment']",
            ),
            *_assign(_plugins(), key="['plugin_conf']"),
            *_assign(_root_cache(place), key="['plugin_conf']['root_cache_opts']"),
            "",
        ]
    )


def _definition(distro: Distro, architecture: str, repositories: Sequence[str]) -> list[str]:
    """Return the configuration of a distro that mock-core-configs lacks."""
    packages = " ".join(rpm_of(distro).buildroot)
    return _assign(
        {
            "description": distro.title,
            "target_arch": architecture,
            "legal_host_arches": (architecture,),
            "chroot_setup_cmd": f"install {packages}",
            "dist": distro.version_suffix.lstrip("."),
            "package_manager": "dnf",
            "use_bootstrap": False,
            "dnf.conf": "\n".join([_dnf_configuration(), *repositories]),
        }
    )


def _dnf_configuration() -> str:
    # mock appends each repository to this text
    return dnf_configuration({**INSTALLING, "metadata_expire": 0, "reposdir": "/dev/null"})


def _task(distro: Distro, place: Place) -> dict[str, object]:
    return {
        "root": distro.name,
        "basedir": str(place.basedir),
        "cache_topdir": str(place.cache),
        "isolation": "simple",
        "rpmbuild_networking": False,
        "use_host_resolv": False,
        "update_before_build": place.lasting,
        "cleanup_on_success": place.lasting,
        "cleanup_on_failure": place.lasting,
        "print_main_output": True,
    }


def _plugins() -> dict[str, object]:
    return {
        "root_cache_enable": True,
        "yum_cache_enable": False,
        "ccache_enable": False,
        "hw_info_enable": False,
        "package_state_enable": False,
    }


def _root_cache(place: Place) -> dict[str, object]:
    age = {} if place.lasting else {"max_age_days": 3650}
    return {
        **age,
        "compress_program": "",
        "decompress_program": "",
        "exclude_dirs": list(_KEPT_OUT),
    }


def _assign(values: dict[str, object] | dict[str, str], add: str = "", key: str = "") -> list[str]:
    return [f"config_opts{key}[{name!r}] {add}= {value!r}" for name, value in values.items()]
