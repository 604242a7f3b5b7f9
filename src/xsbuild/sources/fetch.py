# SPDX-License-Identifier: Apache-2.0
"""Fetch the sources of components in parallel, and report all failures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xsbuild.errors import XsbuildError
from xsbuild.manifest.model import Component
from xsbuild.project import Project
from xsbuild.sources.kinds.model import Access, Wanted
from xsbuild.sources.kinds.table import kind_of
from xsbuild.sources.model import Failure, Fetched, FetchResult, Progress, Report, Say
from xsbuild.sources.pins import wanted_of, wanted_patches
from xsbuild.sources.threads import in_threads
from xsbuild.sources.transport import Transport

Outcome = Fetched | XsbuildError


def fetch_sources(
    name: str, component: Component, project: Project, *, say: Say
) -> tuple[Fetched, ...]:
    """Return the sources of one component, in the manifest's order, then its fetched patches.

    Args:
        name: the component's.
        component: a checked component.
        project: where local sources and the user's settings are.
        say: called with the progress of each source, from several threads.

    Raises:
        SourceError: with every source that cannot be fetched, and why.
    """
    result = fetch_all({name: component}, project, say=say)
    result.raise_if_incomplete()
    return result.fetched[name]


def fetch_all(components: Mapping[str, Component], project: Project, *, say: Say) -> FetchResult:
    """Fetch the sources and patches of several components; a failure does not stop the others.

    Args:
        components: name → component.
        project: where local sources and the user's settings are.
        say: called with the progress of each source, from several threads.

    Raises:
        InputError: an address has an unknown name in braces.
    """
    wanted = {
        name: [*wanted_of(name, component), *wanted_patches(name, component)]
        for name, component in components.items()
    }
    # What several components share is fetched once, and is one line of the table when it fails.
    first = {_identity(item): item for items in wanted.values() for item in reversed(items)}
    transport = Transport(project.settings)
    access = Access(project, transport)
    outcomes = dict(in_threads(lambda key: _outcome(access, first[key], say), list(first)))
    transport.close()  # not when interrupted: the threads still use it until the process ends
    return _result(wanted, outcomes)


def _identity(wanted: Wanted) -> str:
    return wanted.source.model_dump_json(exclude={"name"}) + (
        wanted.top if kind_of(wanted.source).made_here else ""
    )


def _outcome(access: Access, wanted: Wanted, say: Say) -> Outcome:
    kind = kind_of(wanted.source)
    try:
        return kind.fetch(wanted, access, reporter(wanted, say))
    except XsbuildError as error:
        return error
    except OSError as error:
        return XsbuildError(f"{kind.address}: {error}", code="XSB-SOURCE-DOWNLOAD")


def reporter(wanted: Wanted, say: Say) -> Report:
    """Attribute download progress to its source."""
    return lambda done, total: say(Progress(wanted.label, done, total))


def _result(wanted: Mapping[str, Sequence[Wanted]], outcomes: Mapping[str, Outcome]) -> FetchResult:
    fetched: dict[str, tuple[Fetched, ...]] = {}
    failures: dict[tuple[str, str], Failure] = {}
    for name, items in wanted.items():
        found = []
        for item in items:
            outcome = outcomes[_identity(item)]
            if isinstance(outcome, Fetched):
                source = item.source
                empty = source.submodules is False
                found.append(replace(outcome, name=source.name, empty_submodules=empty))
            else:
                key = (kind_of(item.source).address, outcome.message)
                before = failures[key].needed_by if key in failures else ()
                failures[key] = Failure(key[0], (*before, name), key[1], outcome.code, outcome.hint)
        if len(found) == len(items):
            fetched[name] = tuple(found)
    return FetchResult(fetched, tuple(failures.values()))
