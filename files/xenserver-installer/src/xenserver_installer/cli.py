# SPDX-License-Identifier: Apache-2.0
"""The command: xenserver-installer(8)."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from xenserver_installer.answerfile import AnswersError, read_answers
from xenserver_installer.errors import InstallError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: those of this process where None.

    Returns:
        The exit status: 0 done, 1 failed, 2 wrong answers or use.
    """
    options = _parser().parse_args(arguments)
    try:
        return _check(options.file)
    except AnswersError as error:
        for problem in error.problems:
            print(f"xenserver-installer: {problem}", file=sys.stderr)
        return 2
    except (InstallError, OSError) as error:
        print(f"xenserver-installer: {error}", file=sys.stderr)
        return 1


def _check(file: Path) -> int:
    read_answers(file.read_text(encoding="utf-8"))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xenserver-installer", description="Install a XenServer appliance to a disk."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="check an answer file")
    check.add_argument("file", type=Path, metavar="FILE", help="the answer file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
