# SPDX-License-Identifier: Apache-2.0
"""Moves a component to a new upstream version, in the manifest itself."""

import datetime
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from difflib import unified_diff

from xsbuild.errors import InputError, ProblemList
from xsbuild.maintain.edit import Item, prepend, save, set_value
from xsbuild.manifest.model import Component, LocalSource, Manifest, PypiSource, Source
from xsbuild.manifest.source import VendoredSource
from xsbuild.project import Project
from xsbuild.sources.fetch import reporter
from xsbuild.sources.fetchers import Fetcher, wanted_of
from xsbuild.sources.model import Say
from xsbuild.sources.pins import WITH_PLACEHOLDERS, address_of, pin_key, pin_of
from xsbuild.sources.transport import Transport
from xsbuild.yamlfile import Document, Place, nearest, read, validate


def bump(project: Project, name: str, version: str, *, say: Say) -> str:
    """Fetches a version of a component, pins its sources and writes all that down.

    With the version that it has, only its sources are pinned anew.

    Args:
        project: whose manifest is changed; it is not where anything fails.
        name: the component's.
        version: upstream's.
        say: is told how far each source is.

    Returns:
        What changed, as a unified diff; empty where nothing did.

    Raises:
        InputError: no such component or version, or a source that says nothing of versions.
        SourceError: a source cannot be fetched.
    """
    components = project.manifest.components
    if name not in components:
        raise InputError(
            f"unknown component {name!r}",
            hint=nearest(name, list(components)),
            code="XSB-USAGE-UNKNOWN-NAME",
        )
    old = read(project.file)
    place: Place = ("components", name)
    new = set_value(old, (*place, "version"), version)
    component = _checked(new).components[name]
    moves = version != components[name].version
    for index, key, pin in _pins(project, name, component, moves, say):
        new = set_value(new, (*place, "sources", index, key), pin)
    if moves:
        new = _recorded(new, place, version)
    _checked(new)
    if new.text != old.text:
        save(old, new)
    file = project.file.name
    lines = unified_diff(old.text.splitlines(True), new.text.splitlines(True), file, file)
    return "".join(lines)


def _checked(document: Document) -> Manifest:
    manifest, problems = validate(document, Manifest)
    ProblemList(problems).raise_if_any()
    assert manifest is not None
    return manifest


def _pins(
    project: Project, name: str, component: Component, moves: bool, say: Say
) -> Iterator[tuple[int, str, str]]:
    with closing(Transport(project.settings)) as transport:
        fetcher = Fetcher(project, transport)
        for index, wanted in enumerate(wanted_of(name, component)):
            if _is_pinned_anew(component.sources[index], name, moves):
                key, pin = pin_key(wanted.source), fetcher.find_pin(wanted, reporter(wanted, say))
                pinned = wanted.source.model_copy(update={key: pin})
                fetcher.fetch(replace(wanted, source=pinned), reporter(wanted, say))
                yield index, key, pin


def _is_pinned_anew(source: Source, name: str, moves: bool) -> bool:
    if isinstance(source, LocalSource | VendoredSource):
        return False
    main = source.name is None
    if isinstance(source, PypiSource):
        follows = main
    else:
        texts = (getattr(source, field, None) for field in WITH_PLACEHOLDERS)
        follows = any("{version}" in text for text in texts if text)
    if main and moves and not follows:
        raise InputError(
            f"{name}: {address_of(source)} does not depend on the version",
            hint="put {version} in its address or tag, or change version and pin by hand",
            code="XSB-SOURCE-NO-VERSION",
        )
    return follows or pin_of(source) is None


def _recorded(document: Document, place: Place, version: str) -> Document:
    if (*place, "release") in document.spans:
        document = set_value(document, (*place, "release"), 1)
    if (*place, "changelog") not in document.spans:
        return document
    changes = [f"New upstream version {version}"]
    entry: Item = {"version": f"{version}-1", "date": today(), "changes": changes}
    return prepend(document, (*place, "changelog"), entry)


def today() -> datetime.date:
    """The date in UTC: SOURCE_DATE_EPOCH's where that is set, else the clock's.

    See https://reproducible-builds.org/specs/source-date-epoch/.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.datetime.now(datetime.UTC).date()
    if not epoch.isdecimal():
        raise InputError(
            f"SOURCE_DATE_EPOCH is not a number of seconds: {epoch!r}", code="XSB-CONFIG-EPOCH"
        )
    return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date()
