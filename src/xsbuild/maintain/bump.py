# SPDX-License-Identifier: Apache-2.0
"""Move a component to a new upstream version, in the manifest itself."""

import datetime
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from difflib import unified_diff

from xsbuild.errors import InputError, ProblemList
from xsbuild.maintain.edit import Item, prepend, save, set_value
from xsbuild.manifest.model import Component, Manifest
from xsbuild.project import Project
from xsbuild.sources.fetch import reporter
from xsbuild.sources.kinds.model import Access, Kind
from xsbuild.sources.kinds.table import kind_of
from xsbuild.sources.model import Say
from xsbuild.sources.pins import wanted_of
from xsbuild.sources.transport import Transport
from xsbuild.yamlfile import Document, Place, nearest, read, validate


def bump(project: Project, name: str, version: str, *, say: Say) -> str:
    """Fetch a version of a component, pin its sources and write all that down.

    With the current version, only its sources are pinned again.

    Args:
        project: whose manifest is changed; it is not where anything fails.
        name: the component's.
        version: upstream's.
        say: called with the progress of each source.

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
        new = _recorded(new, place, component)
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
        access = Access(project, transport)
        for index, wanted in enumerate(wanted_of(name, component)):
            key = kind_of(wanted.source).pin_key
            if key and _needs_new_pin(kind_of(component.sources[index]), name, moves):
                report = reporter(wanted, say)
                pin = kind_of(wanted.source).find_pin(wanted, access, report)
                pinned = wanted.source.model_copy(update={key: pin})
                kind_of(pinned).fetch(replace(wanted, source=pinned), access, report)
                yield index, key, pin


def _needs_new_pin(kind: Kind, name: str, moves: bool) -> bool:
    follows = kind.follows_version
    if kind.source.name is None and moves and not follows:
        raise InputError(
            f"{name}: {kind.address} does not depend on the version",
            hint="put {version} in its address or tag, or change version and pin by hand",
            code="XSB-SOURCE-NO-VERSION",
        )
    return follows or kind.pin is None


def _recorded(document: Document, place: Place, component: Component) -> Document:
    if (*place, "release") in document.spans:
        document = set_value(document, (*place, "release"), 1)
    if (*place, "changelog") not in document.spans:
        return document
    changes = [f"New upstream version {component.version}"]
    version = component.model_copy(update={"release": 1}).full_version
    entry: Item = {"version": version, "date": today(), "changes": changes}
    return prepend(document, (*place, "changelog"), entry)


def today() -> datetime.date:
    """Return the date in UTC: SOURCE_DATE_EPOCH's where that is set, else the clock's.

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
