# SPDX-License-Identifier: Apache-2.0
"""Patterns of paths: the capability that a file of a package provides."""

import re
from collections.abc import Iterator

# Every supported distro has a merged /usr, but not every package's list of files.
_TOP = r"(?:usr/)?"

# Places of Contents or filelists, without the leading slash; {lib} is lib, lib64 or
# lib/TRIPLET. The name of the group is the kind it offers. Sources: pkg-config(1),
# cmake-packages(7) "Config Mode Search Procedure", findlib's manual "META", PEP 376 and 427,
# systemd.unit(5).
_HEADER = r"usr/include/(?:{triplet}/)?(?P<header>.+)"
_PROGRAM = _TOP + r"s?bin/(?P<bin>[^/]+)"
_LIBRARY = _TOP + r"{lib}/lib(?P<lib>[^/]+)\.(?:so|a)"
_UNIT = _TOP + r"lib/systemd/system/(?P<unit>[^/]+)"
_MODULE = (
    r"usr/{lib}/python3[.\d]*/(?:(?:dist|site)-packages/|lib-dynload/)?"
    r"(?P<python3>[^/.-]+(?:/[^/.-]+){{0,2}}?)"
    r"(?:/__init__)?\.(?:py|so|abi3\.so|cpython-3\d+[^/]*\.so)"
)
_DISTRIBUTION = (
    r"usr/{lib}/python3[.\d]*/(?:dist|site)-packages/"
    r"(?P<python3dist>[^/]+?)(?:-\d[^/]*)?\.(?:dist|egg)-info(?:/(?:METADATA|PKG-INFO))?"
)
# bookworm: lib/ocaml/NAME; trixie: lib/TRIPLET/ocaml/VERSION/NAME; others: site-lib below that
_FINDLIB = (
    r"usr/{lib}/ocaml/(?:\d[^/]*/)?(?:site-lib/)?(?:METAS/META\.)?(?P<ocamlfind>[^/]+)(?:/META)?"
)
_BY_EXTENSION = {
    "pc": r"usr/(?:{lib}|share)/pkgconfig/(?P<pkgconfig>[^/]+)\.pc",
    "cmake": r"usr/(?:{lib}|share)/(?:[^/]+/){{1,3}}(?P<cmake>[^/]+?)(?:Config|-config)\.cmake",
    "pm": r"usr/(?:{lib}|share)/(?:perl-base|perl5?(?:/vendor_perl)?(?:/5[.\d]*)?)"
    r"/(?P<perl>[A-Z].*)\.pm",
    "py": _MODULE,
    "so": f"(?:{_LIBRARY}|{_MODULE})",
    "a": _LIBRARY,
    "egg-info": _DISTRIBUTION,
    **dict.fromkeys(("service", "socket", "timer", "path", "target", "mount", "slice"), _UNIT),
}
_BY_NAME = {"META": _FINDLIB, "METADATA": _DISTRIBUTION, "PKG-INFO": _DISTRIBUTION}

# Trees without capabilities and without files worth requiring by path, and everything more than
# two folders below /usr/share. Readers of lists of files skip them: they are four fifths of a list.
SKIPPED = (
    r"usr/(?:share/(?:doc|icons|man|help|locale|games|pixmaps|texlive|texmf|gocode|nodejs|cargo"
    r"|libreoffice|gimp|qgis|rubygems-integration|gtk-doc|themes|maven-repo|ri|fonts|info"
    r"|backgrounds|wallpapers|javascript|php|R|emacs|javadoc|lintian|bug|sounds|kicad|mediawiki"
    r"|jsmath|eccodes|scilab|octave|openclipart|(?!perl)(?:[^/\s]+/){2}[^/\s]+)"
    r"|lib/(?:gcc-cross|debug|R|haskell-packages|libreoffice|ruby|lazarus)|src|games)/"
    r"|(?:usr/)?lib/modules/|opt/|var/lib/"
)


class Patterns:
    """Patterns that map paths to capabilities, for one architecture.

    Args:
        machine: as in `uname -m`; files of other machines are ignored.
    """

    def __init__(self, machine: str) -> None:
        triplet = f"{machine}-linux-gnu"

        def compiled(pattern: str) -> re.Pattern[str]:
            return re.compile(pattern.format(lib=rf"lib(?:64|/{triplet})?", triplet=triplet))

        self._header, self._program, self._findlib = map(compiled, (_HEADER, _PROGRAM, _FINDLIB))
        self._by_extension = {key: compiled(pattern) for key, pattern in _BY_EXTENSION.items()}
        self._by_name = {key: compiled(pattern) for key, pattern in _BY_NAME.items()}
        # Files below these are required as another kind.
        self._no_files = (
            *("usr/include/", "usr/lib/python3", "usr/share/perl", "usr/lib/ocaml/"),
            *(f"usr/lib/{triplet}/{name}" for name in ("perl", "ocaml/")),
        )

    def offers(self, path: str) -> tuple[str, str] | None:
        """Return the kind and name that a path (without leading slash) offers, besides itself."""
        pattern = self._pattern(path)
        match = pattern.fullmatch(path) if pattern else None
        if match is None or match.lastgroup is None:
            return None
        kind, name = match.lastgroup, match[match.lastgroup]
        if kind == "python3dist":
            return kind, normalized(name)
        return kind, name.replace("/", {"python3": ".", "perl": "::"}.get(kind, "/"))

    def _pattern(self, path: str) -> re.Pattern[str] | None:
        # Only one pattern is tried for a path: trying all takes half of the time of indexing.
        if path.startswith("usr/include/"):
            return self._header
        if "bin/" in path[:9]:
            return self._program
        name = path.rpartition("/")[2]
        if "/METAS/META." in path:
            return self._findlib
        return self._by_name.get(name) or self._by_extension.get(name.rpartition(".")[2])

    def is_file(self, path: str) -> bool:
        """Return whether a path, outside `SKIPPED`, can be required as ``file(…)``."""
        return not path.startswith(self._no_files)


def merged(path: str) -> str:
    """Return a path, without its leading slash, in the merged /usr (usrmerge(7))."""
    path = path.lstrip("/")
    return f"usr/{path}" if path.startswith(("bin/", "sbin/", "lib/", "lib64/")) else path


def normalized(distribution: str) -> str:
    """Return the name of a Python distribution as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def spellings(kind: str, name: str) -> Iterator[str]:
    """Yield spellings of a capability's name, the exact one first."""
    if kind == "python3dist":
        yield normalized(name)
    elif kind == "file":
        yield merged(name)
    else:
        yield name
    if kind == "cmake" and name != name.lower():
        yield name.lower()  # find_package(Foo) also takes foo-config.cmake
    if kind == "ocamlfind" and "." in name:
        yield name.partition(".")[0]  # a subpackage is in its parent's META
