# SPDX-License-Identifier: Apache-2.0
"""Random changes of a file: by structure for YAML and archives, else by lines and bytes."""

import io
import random
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence

import yaml

Change = Callable[[random.Random, bytes], bytes]

# Values for which a program is seldom ready. None of them takes long: an endless one would.
HOSTILE = (
    "", " ", "~", "null", "true", "[]", "{}", "[[[[]]]]", "{a: {a: {a: 1}}}", "&a [*a]", "*a",
    "!!x", "0", "-1", "1e999", ".nan", "9" * 30, "0x7fffffffffffffff", "1_000", "2026-02-30",
    "9999-12-31", "0001-01-01", "1:2:3", "'", '"', "'a", "a: b: c", "- a", "? a", "|",
    "|\n  a\n\n   b", "#", "@", "%", '"\\0"', '"\\e[31mred"', '"\\e]0;title\\a"', '"\\x9b31m"',
    '"\\u202e"', '"\\ufeff"', '"\\u2028"', '"a\\nb"', '"a\\rb"', '"\\ud800"', '"\\U0001f600"',
    "\u202e", "é", "a\u0300", "\u00a0", "\u3000", ".", "..", "/", "//", "-", "--", "-rf",
    "--help", "../../outside/x", "/outside", "a/../../b", "a//b", "~/x", "a\\b", "a" * 300,
    "a" * 100_000, "a/" * 2_000 + "a", "NUL", "C:\\x", "*", "?", "[a", "a b", "{", "}", "{}",
    "{0}", "{version}", "{name}", "{{version}}", "{a.b[c]}", "{version!r}", "{version:>9}",
    "{bindir}", "{nodir}/a", "{bindir", "{{ 7 }}", "{% x %}", "%{x}", "%(touch x)", "%if 0",
    "$(x)", "`x`", "$x", "${x}", "a;b", "a|b", "a&&b", "a>b", "<a@b>", "a <a@b>", "a, b", "a:b",
    "a=b", "a\tb", "file:///", "file://", "file://[", "file:///outside", "file:relative",
    "file:///a%00b", "file:///%ff", "http://", "http://[::1", "https://x:99999/a",
    "https://a:b@c/d", "://", "ssh://-oProxyCommand=x/y", "git@x:y", "ext::sh -c x", "ftp://x/y",
    "data:,x", "https://é.example/x", "a" * 40, "0" * 64, "F" * 64, "0" * 63 + "g", "0" * 128,
    "1.0", "1.0-1", "1:1.0", "1.0~", "1.0^a", "-1.0", "1..0", "1.0 ", "v1", "bin()", "bin(a",
    "bin(a))", "bin(a) >= ", "bin(a) >= 1, <", "bin(a) => 1", "nokind(a)", "pkgconfig(a b)",
    "package(deb: )", "package(deb: a, rpm: )", "package(x: a)", "file(a)", "header(../a)",
    "python3(a[b])", "GPL-2.0-only OR", "LicenseRef-a", "(MIT", "MIT AND (MIT OR (MIT))", "0644",
    "07777", "0o644", "8888", "deb", "rpm", "build", "distro", "none", "make", "dune", "python",
    "root", "*.so", "a.service", "all",
)  # fmt: skip
FRAGMENTS: tuple[bytes, ...] = (
    b"\0", b"\xef\xbb\xbf", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80",
    b"\x1b[31m", b"\x1b]0;x\x07", b"\x9b", b"\xc2\x9b", b"\xe2\x80\xae", b"\xe2\x80\xa8", b"\r",
    b"\r\n", b"\x0b", b"\x0c", b"\x85", b"\t", b"\n\n\n", b" " * 200, b"-" * 10_000, b"[" * 3_000,
    b"{a: " * 3_000, b"\n---\n", b"\n...\n", b"%YAML 9.9\n", b"\n\\\n", b"%", b"\\", b"\n.\n",
    b":", b"\n: \n", b"\n \n", b"9" * 400, b"-----BEGIN",
)  # fmt: skip
TEMPLATES = (
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{{ 'a' * 9999999999 }}", "{{ 9 ** 9 ** 9 }}", "{{ '%9999999999d' % 1 }}",
    "{{ 'a'.ljust(9999999999) }}", "{{ 'a' | center(9999999999) }}", "{{ range(99999) | list }}",
    "{{ 'aaaa' | replace('', 'a' * 99999) }}", "{{ 1.5 | round(99999999) }}",
    "{{", "}}", "{%", "%}", "{#", "{{ x }}", "{{ x.y }}", "{{ component }}", "{{ component.x }}",
    "{{ 1/0 }}", "{{ component.__class__ }}", "{{ ''.__class__.__mro__ }}", "{{ self }}",
    "{{ self.x() }}", "{{ super() }}", "{% extends 'x' %}", "{% extends '../../x' %}",
    "{% extends component %}", "{% include '' %}", "{% include '/outside/x' %}",
    "{% import 'x' as y %}", "{% block a %}", "{% endblock %}", "{% raw %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{% for a in 1 %}{% endfor %}",
    "{{ [] | first }}", "{{ {}['a'] }}", "{{ 'a' | x }}", "{{ 'a' is x }}",
    "{{ 'a' | int(default='b') + 1 }}", "{{ range }}", "{{ '%d' % 'a' }}", "{{ '%s %s' % 'a' }}",
    "{{ '{0.__class__}'.format(1) }}", "{{ 'a'.encode('x') }}", "{{ b }}", "{% set a = a %}",
    "{% call x() %}{% endcall %}", "{{ component.version.split() | sort }}", "{{ lipsum() }}",
    "{{ cycler() }}", "{{ namespace(a=1).b }}", "{{ [1,'a'] | sort }}", "{% if x %}",
    "{% autoescape true %}{% endautoescape %}", "{{ 1 | tojson(indent='a') }}", "{{ '\\ud800' }}",
    "{{ 'a\0b' }}",
)  # fmt: skip


def mutate(chance: random.Random, name: str, data: bytes) -> bytes:
    """Return a file's content with one to three changes.

    Args:
        chance: decides which.
        name: the file's, which says how its content is structured.
        data: its content.
    """
    changes = _changes_for(name)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        data = chance.choice(changes)(chance, data)
    return data


def _changes_for(name: str) -> Sequence[Change]:
    plain = (change_bytes, change_lines)
    if name.endswith((".yaml", ".yml")):
        return (*plain, *(change_yaml,) * 6)
    if name.endswith(".j2"):
        return (*plain, *(insert_template,) * 4)
    if name.endswith((".tar", ".tar.gz", ".tar.xz")):
        return (change_bytes, make_tar, make_tar)
    if name.endswith(".zip"):
        return (change_bytes, make_zip, make_zip)
    if name.endswith((".sqlite", ".gpg", ".zst", ".gz", ".xz", ".bz2")):
        return (change_bytes,)
    return (*plain, replace_words)


def change_bytes(chance: random.Random, data: bytes) -> bytes:
    """Flip a bit, cut, copy or overwrite a part, or insert a fragment."""
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.choice((1, 2, 8, 64, 1024)))
    match chance.randrange(6):
        case 0 if at < len(data):
            return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
        case 1:
            return data[:at] + data[end:]
        case 2:
            return data[:at]
        case 3:
            return data[:end] + data[at:end] * chance.choice((1, 2, 1000)) + data[end:]
        case 4:
            return data[:at] + chance.randbytes(end - at) + data[end:]
        case _:
            return data[:at] + chance.choice(FRAGMENTS) + data[at:]


def change_lines(chance: random.Random, data: bytes) -> bytes:
    """Remove, copy, move, indent or replace a line."""
    lines = data.splitlines(keepends=True) or [b"\n"]
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = b" " * chance.randrange(1, 5) + lines[at]
        case 4:
            lines[at] = lines[at].lstrip()
        case _:
            lines[at] = chance.choice(HOSTILE).encode() + b"\n"
    return b"".join(lines)


def replace_words(chance: random.Random, data: bytes) -> bytes:
    """Replace what follows a colon, an equals sign or a space by a hostile value."""
    places = [at for at, byte in enumerate(data) if byte in b":= "]
    if not places:
        return data
    at = chance.choice(places) + 1
    ends = [end for end in (data.find(b"\n", at), data.find(b" ", at + 1)) if end >= 0]
    return data[:at] + chance.choice(HOSTILE).encode() + data[min(ends, default=len(data)) :]


def insert_template(chance: random.Random, data: bytes) -> bytes:
    """Insert a piece of Jinja, at a line's end or anywhere."""
    at = chance.randrange(len(data) + 1)
    if chance.random() < 0.7:
        at = max(data.find(b"\n", at), 0)
    return data[:at] + chance.choice(TEMPLATES).encode("utf-8", "surrogatepass") + data[at:]


def change_yaml(chance: random.Random, data: bytes) -> bytes:
    """Replace, remove, copy, rename or swap a value or key, in the text as it is laid out."""
    try:
        text = data.decode()
        root = yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        entries = list(_entries(root)) if root else []
    except (UnicodeDecodeError, yaml.YAMLError, ValueError, RecursionError):
        return change_bytes(chance, data)
    if not entries:
        return change_bytes(chance, data)
    key, value = chance.choice(entries)
    start, end = _span(text, value)
    first = _span(text, key)[0] if key else start
    entry = text[first:end]
    separator = (
        ", " if "\n" not in entry and text[end : end + 1] in ",]}" else f"\n{_margin(text, first)}"
    )
    match chance.randrange(9):
        case 0:
            text = text[:first] + text[end:]
        case 1:
            text = text[:end] + separator + entry + text[end:]
        case 2 if key:
            text = text[:first] + chance.choice(HOSTILE) + text[_span(text, key)[1] :]
        case 3:
            other = _span(text, chance.choice(entries)[1])
            text = text[:start] + text[slice(*other)] + text[end:]
        case 4:
            text = (
                text[:start]
                + "[" * (depth := chance.choice((1, 60)))
                + text[start:end]
                + "]" * depth
                + text[end:]
            )
        case _:
            text = text[:start] + chance.choice(HOSTILE) + text[end:]
    return text.encode("utf-8", "surrogatepass")


def _entries(node: yaml.Node) -> Iterator[tuple[yaml.Node | None, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key, value
            yield from _entries(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield None, value
            yield from _entries(value)


def _span(text: str, node: yaml.Node) -> tuple[int, int]:
    start, end = node.start_mark.index, node.end_mark.index
    return start, start + len(text[start:end].rstrip())


def _margin(text: str, at: int) -> str:
    return " " * (at - text.rfind("\n", 0, at) - 1)


_NAMES = (
    "a", "a/b", "../../outside/x", "/outside/x", "a/../../x", "./a", "a//b", ".", "", "a\nb",
    "a\x1b[31m", "é", "a\udcff", "-rf", " a", "a" * 250, "a/" * 100 + "b", "debian/rules",
    "debian", ".git/config", "a\\b",
)  # fmt: skip
_TYPES = (
    tarfile.REGTYPE, tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE,
    tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.CONTTYPE, b"9",
    tarfile.GNUTYPE_SPARSE,
)  # fmt: skip


def make_tar(chance: random.Random, data: bytes) -> bytes:
    """Return a tar archive of hostile members, after those of the archive if it can be read."""
    packed = io.BytesIO()
    kind = chance.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT))
    mode = chance.choice(("w:gz", "w:gz", "w:xz", "w:bz2", "w:"))
    with tarfile.open(fileobj=packed, mode=mode, format=kind) as archive:  # type: ignore[call-overload]
        _copy_members(chance, data, archive)
        for _ in range(chance.randrange(1, 4)):
            info = tarfile.TarInfo(chance.choice(_NAMES))
            info.type, info.linkname = chance.choice(_TYPES), chance.choice(_NAMES)
            info.mode = chance.choice((0o644, 0o755, 0o4755, 0, 0o7777))
            info.mtime = chance.choice((0, 1, 1 << 31, 1 << 33, -1))
            info.uid = chance.choice((0, 1, 1 << 20))
            content = b"x" * chance.choice((0, 1, 513))
            info.size = len(content) if info.isreg() else 0
            try:
                archive.addfile(info, io.BytesIO(content))
            except (ValueError, OverflowError):
                continue  # the format has no room for it
    return packed.getvalue()


def _copy_members(chance: random.Random, data: bytes, archive: tarfile.TarFile) -> None:
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as old:
            for member in old.getmembers():
                if chance.random() < 0.8:
                    archive.addfile(member, old.extractfile(member) if member.isreg() else None)
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError):
        return


def make_zip(chance: random.Random, data: bytes) -> bytes:
    """Return a zip archive of hostile members."""
    del data
    packed = io.BytesIO()
    names = chance.sample(_NAMES, 3)  # zipfile warns of a name that is there twice
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("top/file", b"content")
        for name in names[: chance.randrange(1, 4)]:
            info = zipfile.ZipInfo(name.replace("\udcff", "ÿ"))
            info.external_attr = chance.choice((0, 0o100644, 0o120777, 0o104755, 0o010644)) << 16
            info.compress_type = chance.choice(
                (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA)
            )
            archive.writestr(info, chance.choice(_NAMES).replace("\udcff", "ÿ"))
    return packed.getvalue()
