# SPDX-License-Identifier: Apache-2.0
"""The directories that an RPM package owns besides its files.

Fedora's packaging guidelines, "File and Directory Ownership": a package owns every directory in
which it has files, except those of `filesystem` and of packages that it needs anyway. Several
packages may own one directory, if its mode is the same in all.
"""

import posixpath
from collections.abc import Iterable, Iterator
from itertools import chain

from xsbuild.manifest.places import COMMON, expand

# Directories of `filesystem`, systemd, and packages on every host that has a reader of them.
_SHARED: dict[str, str] = {
    "/": "boot home opt root srv",
    "/etc": """
        bash_completion.d cron.d cron.daily cron.hourly cron.monthly cron.weekly default grub.d
        init.d ld.so.conf.d logrotate.d modprobe.d modules-load.d multipath pam.d pki
        profile.d rsyslog.d sasl2 security security/limits.d skel ssl sudoers.d sysconfig sysctl.d
        systemd/network systemd/system tmpfiles.d udev/rules.d xdg yum.repos.d""",
    "/usr": "bin include lib lib64 libexec sbin share src",
    "/usr/lib": """
        binfmt.d dracut/modules.d firmware kernel/install.d modprobe.d modules modules-load.d
        python3/site-packages rpm/fileattrs rpm/macros.d sysctl.d systemd/network
        systemd/system systemd/system-generators systemd/system-preset systemd/user sysusers.d
        tmpfiles.d udev/hwdb.d udev/rules.d""",
    "/usr/lib64": "cmake ocaml/stublibs pkgconfig python3/site-packages",
    "/usr/share": """
        aclocal applications augeas/lenses bash-completion/completions dbus-1/system-services
        dbus-1/system.d doc licenses metainfo pixmaps pkgconfig polkit-1/actions polkit-1/rules.d
        zsh/site-functions""",
    "/usr/src": "kernels/*",
    "/var": "cache lib log spool",
}
# Directories below them are shared, too.
_TREES = ("/usr/share/icons/", "/usr/share/info/", "/usr/share/locale/", "/usr/share/man/")
_PLACES = {
    **COMMON,
    "kerneldir": "/usr/src/kernels/*",
    "libdir": "/usr/lib64",
    "ocamldir": "/usr/lib64/ocaml",
    "python3_sitelib": "/usr/lib/python3/site-packages",
    "python3_sitearch": "/usr/lib64/python3/site-packages",
}


def owned_directories(paths: Iterable[str]) -> Iterator[str]:
    """Yield the directories above some paths that belong to no package of the distro.

    Args:
        paths: absolute, with places in braces, as in the manifest; those that end in a slash are
            directories.
    """
    for path in paths:
        folder = posixpath.dirname(path.rstrip("/"))
        while not _is_shared(folder):
            yield folder
            folder = posixpath.dirname(folder)


def _is_shared(folder: str) -> bool:
    place = expand(folder, {**_PLACES, "name": "{name}", "version": "{version}"})
    return place in _DIRECTORIES or f"{place}/".startswith(_TREES)


def _every() -> Iterator[str]:
    for parent, names in _SHARED.items():
        yield from (posixpath.join(parent, name) for name in names.split())


def _with_parents(folder: str) -> Iterator[str]:
    yield folder
    if folder not in ("/", ""):
        yield from _with_parents(posixpath.dirname(folder))


# The empty one is above a place in braces.
_DIRECTORIES = frozenset({"", *chain.from_iterable(map(_with_parents, _every()))})
