# SPDX-License-Identifier: Apache-2.0
"""Read real packages, .deb and .rpm, for a comparison."""

import posixpath
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from debian.debfile import DebFile
from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile

from xsbuild.host import process
from xsbuild.parity.compare import Contents, Entry
from xsbuild.parity.places import Places
from xsbuild.parity.relations import RELATIONS_QUERY, Read, deb_relations, rpm_relations

_FILES_QUERY = "[FILE\\t%{FILEFLAGS:fflags}\\t%{FILENAMES}\\n]"
_ELF = b"\x7fELF"
_VERSION = re.compile(r"(?<=\.so)[.\d]+$|-\d[.\d]*(?=\.so)")
_KINDS = {tarfile.SYMTYPE: "link", tarfile.DIRTYPE: "directory"}
_SYSUSERS = "{sysusersdir}/"
_PRESET = re.compile(r"/80-[^/]+\.preset$")
_SCRIPT_ENABLES = re.compile(r"^\s*deb-systemd-helper enable '?([^\s']+)'?", re.MULTILINE)
_UNIT = re.compile(r"\{unitdir\}/([^/]+\.(?:service|socket|timer|path|target|mount|slice))$")


def read_deb(file: Path, places: Places) -> Read:
    """Read a .deb.

    Args:
        file: the package.
        places: of its distro.
    """
    with DebFile(file) as deb:
        control = deb.debcontrol()
        config, script = _control(deb, "conffiles"), _control(deb, "postinst")
        contents = _contents(deb.data.tgz(), config.splitlines(), places)
    enabled = dict.fromkeys(_SCRIPT_ENABLES.findall(script), "enabled")
    units = {unit: enabled.get(unit, "disabled") for unit in _units(contents)}
    return Read(replace(contents, units=units), deb_relations(control))


def _control(deb: DebFile, name: str) -> str:
    """Return a file of the control archive; empty where there is none."""
    if not deb.control.has_file(name):
        return ""
    return deb.control.get_content(name, encoding="utf-8") or ""


def read_rpm(file: Path, places: Places) -> Read:
    """Read an .rpm, with the host's rpm.

    Raises:
        MissingToolError: there is no rpm.
    """
    query = ["rpm", "--query", "--nosignature", "--package"]
    form = f"--queryformat={RELATIONS_QUERY}{_FILES_QUERY}"
    lines = process.run([*query, form, file]).output.splitlines()
    listed = [line.split("\t") for line in lines if line.startswith("FILE\t")]
    config = [path for _file, flags, path in listed if "c" in flags]
    with TemporaryDirectory(prefix="xsbuild-") as folder:
        place = Path(folder, "package.rpm")
        place.symlink_to(file.resolve())
        process.run(["rpm2archive", place])
        with tarfile.open(f"{place}.tgz") as archive:
            contents = _contents(archive, config, places)
            presets = _presets(archive)
    units = {unit: presets.get(unit, "disabled") for unit in _units(contents)}
    return Read(replace(contents, units=units), rpm_relations(lines))


def _contents(archive: tarfile.TarFile, config: Iterable[str], places: Places) -> Contents:
    entries: dict[str, Entry] = {}
    users: set[str] = set()
    libraries: set[str] = set()
    marked = {places.of(path) for path in config}
    filled = {posixpath.dirname(_path(member)) for member in archive}
    for member in archive:
        path = _path(member)
        place = places.of(path)
        if path != "/":
            entry = _entry(member, path, places)
            entries[place] = replace(entry, config=place in marked, filled=path in filled)
        stream = archive.extractfile(member) if member.isreg() else None
        if stream is not None:
            content = stream.read()
            libraries.update(_linked(content))
            if place.startswith(_SYSUSERS):
                users.update(lines_of(content))
    return Contents(entries=entries, users=frozenset(users), libraries=frozenset(libraries))


def _path(member: tarfile.TarInfo) -> str:
    return posixpath.normpath(f"/{member.name}")


def _entry(member: tarfile.TarInfo, path: str, places: Places) -> Entry:
    owner = f"{member.uname or member.uid}:{member.gname or member.gid}"
    if member.issym():
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), member.linkname))
        return Entry("link", None, owner, places.of(target))
    return Entry(_KINDS.get(member.type, "file"), member.mode, owner)


def lines_of(content: bytes) -> Iterator[str]:
    """Yield the effective lines of a configuration file, whitespace normalised."""
    for line in content.decode(errors="replace").splitlines():
        text = " ".join(line.split())
        if text and not text.startswith("#"):
            yield text


def _linked(content: bytes) -> Iterator[str]:
    """Yield the libraries that a program is linked with, without their versions."""
    if not content.startswith(_ELF):
        return
    try:
        for segment in ELFFile(BytesIO(content)).iter_segments():
            if isinstance(segment, DynamicSegment):
                for tag in segment.iter_tags("DT_NEEDED"):
                    yield _VERSION.sub("", str(vars(tag)["needed"]))
    except ELFError:
        return


def _units(contents: Contents) -> Iterator[str]:
    """Yield units that can be enabled; a template alone cannot."""
    for path in contents.entries:
        match = _UNIT.match(path)
        if match and "@." not in match[1]:
            yield match[1]


def _presets(archive: tarfile.TarFile) -> dict[str, str]:
    found: dict[str, str] = {}
    for member in archive:
        stream = archive.extractfile(member) if _PRESET.search(member.name) else None
        if stream is not None:
            found |= preset_units(stream.read())
    return found


def preset_units(content: bytes) -> dict[str, str]:
    """Read systemd.preset(5): unit → ``enabled`` or ``disabled``."""
    pairs = (line.partition(" ") for line in lines_of(content))
    return {unit: f"{action}d" for action, _, unit in pairs}
