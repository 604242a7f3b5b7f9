# SPDX-License-Identifier: Apache-2.0
"""Source distributions on PyPI, found through the index that pip is set up to use."""

import json
import os
import re
import sys
from collections.abc import Callable

from pypi_simple import (
    ACCEPT_ANY,
    PYPI_SIMPLE_ENDPOINT,
    DistributionPackage,
    ProjectPage,
    PyPISimple,
)

from xsbuild.errors import SourceError
from xsbuild.host import process
from xsbuild.sources.transport import Transport

# Where pip looks for its configuration (pip's manual, "Configuration"); process.run hides it.
_PIP_LOOKS_AT = ("HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "PIP_CONFIG_FILE")


def sdist_with_digest(project: str, sha256: str, transport: Transport) -> DistributionPackage:
    """Find the source distribution that a pin means.

    Raises:
        SourceError: the index cannot be read, has none of this digest, or withdrew it.
    """
    return _find(
        project, f"sha256 {sha256}", lambda item: item.digests.get("sha256") == sha256, transport
    )


def sdist_of_version(project: str, version: str, transport: Transport) -> DistributionPackage:
    """Find the source distribution of a version.

    Raises:
        SourceError: the index cannot be read, has none of this version, or withdrew it.
    """
    return _find(project, f"version {version}", lambda item: item.version == version, transport)


def _find(
    project: str, what: str, fits: Callable[[DistributionPackage], bool], transport: Transport
) -> DistributionPackage:
    sdists = [item for item in _files(project, transport) if item.package_type == "sdist"]
    found = next((item for item in sdists if fits(item)), None)
    if found is None:
        versions = [item.version for item in sdists if item.version]
        raise SourceError(
            f"the package index has no source distribution of {project} with {what}",
            hint=f"newest versions: {', '.join(versions[-5:]) or 'none'}",
            code="XSB-SOURCE-INDEX",
        )
    if found.is_yanked:
        reason = f": {found.yanked_reason}" if found.yanked_reason else ""
        raise SourceError(
            f"{found.filename} of {project} was yanked by upstream{reason}",
            hint="update the component with `xsbuild bump`",
            code="XSB-SOURCE-INDEX",
        )
    return found


def _files(project: str, transport: Transport) -> list[DistributionPackage]:
    with PyPISimple(index_address()) as index:
        page = index.get_project_url(project)
    content, address = transport.read(page, ACCEPT_ANY)
    try:
        if content.lstrip().startswith(b"{"):
            return ProjectPage.from_json_data(json.loads(content), address).packages
        return ProjectPage.from_html(project, content, address).packages
    except ValueError as error:
        raise SourceError(
            f"invalid response from the package index for {project}: {error}",
            code="XSB-SOURCE-INDEX",
        ) from error


def index_address() -> str:
    """Return pip's index: from its environment, its configuration, else PyPI's own."""
    if address := os.environ.get("PIP_INDEX_URL"):
        return address
    # Not `pip config get`: it reads only the file that it would write to.
    words = [sys.executable, "-m", "pip", "config", "list"]
    env = {name: os.environ[name] for name in _PIP_LOOKS_AT if name in os.environ}
    settings = process.run(words, env=env, ok=(0, 1)).output  # 1: no pip here
    found = re.search(r"^global\.index-url='(.+)'$", settings, re.MULTILINE)
    return found[1] if found else PYPI_SIMPLE_ENDPOINT
