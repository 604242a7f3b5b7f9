# SPDX-License-Identifier: Apache-2.0
"""Small sources for rpmbuild, made when a test needs them."""

from collections.abc import Mapping
from pathlib import Path

from upstreams import pack_tree, tree_of

_HEAD = """\
Name:           {name}
Version:        {version}
Release:        1%{{?dist}}
Summary:        Sample
License:        MIT
{source}
{tags}
%description
A package for tests.
"""

LIBRARY = """
%package devel
Summary:        Headers
Requires:       %{name}%{?_isa} = %{version}-%{release}
%description devel
Headers.
%prep
%autosetup -p1
%build
autoreconf --force --install
%configure
%make_build
%install
%make_install
rm %{buildroot}%{_libdir}/*.la
%check
%make_build check
%files
%license COPYING
%{_libdir}/libgreet.so.1*
%files devel
%{_includedir}/greet/
%{_libdir}/libgreet.so
%{_libdir}/pkgconfig/greet.pc
"""

DAEMON = """
%systemd_requires
%sysusers_requires_compat
%prep
%autosetup -p1
%build
%set_build_flags
%make_build PREFIX=%{_prefix} SBINDIR=%{_sbindir}
%install
%make_install PREFIX=%{_prefix} SBINDIR=%{_sbindir} MANDIR=%{_mandir} UNITDIR=%{_unitdir}
install -D -m 644 %{SOURCE1} %{buildroot}%{_sysusersdir}/salutd.conf
%check
%make_build check
%pre
%sysusers_create_compat %{SOURCE1}
%post
%systemd_post salutd.service
%preun
%systemd_preun salutd.service
%postun
%systemd_postun_with_restart salutd.service
%files
%license LICENSE
%{_sbindir}/salutd
%{_mandir}/man8/salutd.8*
%{_unitdir}/salutd.service
%{_sysusersdir}/salutd.conf
%dir %{_sysconfdir}/salutd
%config(noreplace) %{_sysconfdir}/salutd/salutd.conf
%dir %{_sysconfdir}/logrotate.d
%config(noreplace) %{_sysconfdir}/logrotate.d/salutd
"""

PYTHON = """
%package -n python3-greet
Summary:        Sample
%description -n python3-greet
A package for tests.
%prep
%autosetup -p1
%generate_buildrequires
%pyproject_buildrequires
%build
%pyproject_wheel
%install
%pyproject_install
%pyproject_save_files greet
%check
%py3_check_import greet
%files -n python3-greet -f %{pyproject_files}
%{_bindir}/pygreet
"""


def spec_source(
    folder: Path,
    name: str,
    body: str,
    *,
    version: str = "1.0",
    tags: str = "",
    tree: str | None = None,
    files: Mapping[str, str] | None = None,
) -> Path:
    """Makes a folder with a spec file and its sources.

    Args:
        folder: where the folder is made.
        name: the package's name.
        body: what comes after ``%description``.
        version: its version.
        tags: more lines before ``%description``.
        tree: an upstream tree of the test project, packed as ``Source0``.
        files: more sources, name → text.
    """
    source = folder / name
    source.mkdir()
    line = ""
    if tree is not None:
        line = f"Source0:        {tree}-%{{version}}.tar.gz"
        archive = source / f"{tree}-{version}.tar.gz"
        archive.write_bytes(pack_tree(tree_of(tree), f"{tree}-{version}"))
    for file, text in (files or {}).items():
        (source / file).write_text(text)
    head = _HEAD.format(name=name, version=version, source=line, tags=tags)
    (source / f"{name}.spec").write_text(head + body)
    return source


def library(folder: Path) -> Path:
    """An autotools library in C."""
    tags = "BuildRequires:  gcc, make, autoconf, automake, libtool"
    return spec_source(folder, "libgreet", LIBRARY, version="1.2.0", tags=tags, tree="libgreet")


def daemon(folder: Path) -> Path:
    """A daemon in C that needs `library`, with a unit, a user and configuration."""
    tags = """\
Source1:        salutd.sysusers
BuildRequires:  gcc, make, pkgconfig(greet) >= 1.0, systemd-rpm-macros"""
    users = {"salutd.sysusers": 'u salutd - "Greeting daemon" /var/lib/salutd\n'}
    return spec_source(
        folder, "salutd", DAEMON, version="0.9", tags=tags, tree="salutd", files=users
    )


def python(folder: Path) -> Path:
    """A Python project that names its build dependencies itself."""
    tags = "BuildArch:      noarch\nBuildRequires:  pyproject-rpm-macros"
    return spec_source(
        folder, "python-greet", PYTHON, version="2.0.1", tags=tags, tree="python-greet"
    )


def broken(folder: Path, name: str, body: str, tags: str = "") -> Path:
    """A package without sources."""
    return spec_source(folder, name, body, tags=f"BuildArch:      noarch\n{tags}")
