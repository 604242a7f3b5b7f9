# SPDX-License-Identifier: Apache-2.0
"""Maintainer scripts of both families, from those of the manifest."""

from collections.abc import Callable

from xsbuild.manifest.package import Scripts


def subshells(scripts: Scripts, escape: Callable[[str], str] = str) -> Scripts:
    """Return scripts that run in a subshell each, so that ``exit`` skips nothing after them.

    The first command that fails ends a script with that status, as Policy 10.4 wants. rpm starts
    scriptlets without ``set -e``, and the macros of distros are not written for it, so only the
    subshell has it. Its status is tested after it: within ``( … ) || exit`` it would be ignored.

    Args:
        scripts: the scripts of the manifest.
        escape: escapes text for the file that the scripts are put into.
    """
    texts = {key: escape(text) for key, text in scripts if isinstance(text, str)}
    return Scripts(**{key: subshell(text) for key, text in texts.items() if _commands(text)})


def _commands(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    return any(line and not line.startswith("#") for line in lines)


def subshell(text: str) -> str:
    """Return a script that runs in a subshell; see `subshells`."""
    script = text.strip("\n")
    return f'(\nset -e\n{script}\n)\nstatus=$?\n[ "$status" -eq 0 ] || exit "$status"'
