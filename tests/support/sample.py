# SPDX-License-Identifier: Apache-2.0
"""Small source packages and a private repository, made when a test needs them."""

from collections.abc import Mapping
from pathlib import Path

from xsbuild.buildroots.builder import REPOSITORY
from xsbuild.host import process
from xsbuild.repos.apt import write_apt_repository
from xsbuild.repos.signing import KEY, signing_key
from xsbuild.settings import Settings

EPOCH = 1_700_000_000
_CONTROL = """\
Source: {name}
Section: misc
Priority: optional
Maintainer: Nobody <nobody@example.org>
Standards-Version: 4.6.2
Rules-Requires-Root: no
Build-Depends: debhelper-compat (= 13){depends}

Package: {name}
Architecture: {architecture}
Depends: ${{misc:Depends}}, ${{shlibs:Depends}}
Description: sample
 A package for tests.
"""
_CHANGELOG = """\
{name} (1.0-1) unstable; urgency=medium

  * Sample.

 -- Nobody <nobody@example.org>  Tue, 14 Nov 2023 22:13:20 +0000
"""
_RULES = """\
#!/usr/bin/make -f
%:
\tdh $@
"""
_MAKEFILE = """\
all: {name}
{name}: main.c
\t$(CC) $(CFLAGS) $(LDFLAGS) -o $@ main.c
test:
\t{test}
install:
\tinstall -D {name} $(DESTDIR)/usr/bin/{name}
.PHONY: all test install
"""
_MAIN = '#include <stdio.h>\nint main(void) { puts("sample"); return 0; }\n'


def c_source(
    folder: Path,
    name: str = "sample",
    *,
    depends: str = "",
    test: str = "./sample",
    main: str = _MAIN,
    extra: Mapping[str, str] | None = None,
) -> Path:
    """Makes a source package of one C program and returns its ``.dsc``."""
    upstream = {"Makefile": _MAKEFILE.format(name=name, test=test), "main.c": main, **(extra or {})}
    return _source(folder, name, "any", depends, upstream)


def data_source(folder: Path, name: str = "sample-data") -> Path:
    """Makes a source package of one architecture-independent file and returns its ``.dsc``."""
    extra = {"data.txt": "data\n", f"debian/{name}.install": f"data.txt usr/share/{name}\n"}
    return _source(folder, name, "all", "", extra)


def _source(
    folder: Path, name: str, architecture: str, depends: str, files: Mapping[str, str]
) -> Path:
    tree = folder / f"{name}-1.0"
    everything = {
        "debian/control": _CONTROL.format(name=name, architecture=architecture, depends=depends),
        "debian/changelog": _CHANGELOG.format(name=name),
        "debian/rules": _RULES,
        "debian/source/format": "1.0\n",
        **files,
    }
    for path, text in everything.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    (tree / "debian/rules").chmod(0o755)
    process.run(["dpkg-source", "--build", tree.name], cwd=folder, env={"HOME": str(folder)})
    return folder / f"{name}_1.0-1.dsc"


def repository(folder: Path, packages: Path, settings: Settings) -> Path:
    """Makes a private repository of the ``.deb`` files in a directory."""
    folder.mkdir()
    write_apt_repository(
        folder,
        sorted(packages.glob("*.deb")),
        suite="private",
        title="test",
        architectures=["amd64", "arm64"],
        key=signing_key(settings, say=lambda _text: None),
        epoch=EPOCH,
        location=f"file:{REPOSITORY}",
        signed_by=str(REPOSITORY / KEY),
    )
    return folder
