# SPDX-License-Identifier: Apache-2.0
"""The command: xenserver-installer(8)."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from xenserver_installer.answerfile import AnswersError, read_answers
from xenserver_installer.answers import Answers, NicFilter
from xenserver_installer.definitions import Definition, read_definitions
from xenserver_installer.errors import InstallError
from xenserver_installer.execute import DATA, Job, execute
from xenserver_installer.fetch import Arguments, fetch_answers, read_arguments
from xenserver_installer.firstboot import first_boot
from xenserver_installer.machine import Machine, Nic, read_disk, read_machine, read_memory
from xenserver_installer.medium import MEDIUM, Payload, damaged_files, read_payload, trusted_sums
from xenserver_installer.plan import make_plan, summary
from xenserver_installer.run import run

_AFTER = {"reboot": ["systemctl", "reboot"], "poweroff": ["systemctl", "poweroff"]}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: those of this process where None.

    Returns:
        The exit status: 0 done, 1 failed, 2 wrong answers or use.
    """
    options = _parser().parse_args(arguments)
    commands = {"check": _check, "verify": _verify, "install": _install, "first-boot": _first_boot}
    try:
        commands[options.command](options)
    except AnswersError as error:
        for problem in error.problems:
            _say(f"failed: {problem}")
        return 2
    except (InstallError, OSError) as error:
        _say(f"failed: {error}")
        return 1
    return 0


def _say(text: str) -> None:
    """Print a line that a person and a program recognise on a console."""
    print(f"XENSERVER-INSTALLER: {text}", flush=True)


def _check(options: argparse.Namespace) -> None:
    read_answers(options.file.read_text(encoding="utf-8"))


def _verify(options: argparse.Namespace) -> None:
    sums = trusted_sums(options.medium, options.key)
    damaged = list(damaged_files(options.medium, sums))
    for sentence in damaged:
        _say(sentence)
    if damaged:
        raise InstallError(f"{len(damaged)} of {len(sums)} files of the medium are damaged")
    _say(f"finished: all {len(sums)} files of the medium are whole")


def _first_boot(_options: argparse.Namespace) -> None:
    first_boot()


def _install(options: argparse.Namespace) -> None:
    words = read_arguments(options.kernel_arguments)
    if words.verify:
        _verify(options)
        return
    payload = read_payload(options.medium, trusted_sums(options.medium, options.key))
    definitions = read_definitions(options.data / "repart.d")
    if options.answers or words.answers:
        answers = _answers(options, words)
        machine = _machine(options, answers.network.nic)
    else:
        machine = _machine(options, NicFilter())
        answers = _ask(machine, definitions, payload)
    plan = make_plan(answers, machine, definitions, payload.unpacked)
    for line in (payload.title, *summary(plan)):
        _say(f"plan: {line}")
    if options.dry_run:
        return
    if os.geteuid() != 0:
        raise InstallError("root's rights are needed to install")
    execute(Job(plan, payload, _say, options.data, words.console))
    _say("finished")
    if not options.image and answers.after in _AFTER:
        run(_AFTER[answers.after])


def _answers(options: argparse.Namespace, words: Arguments) -> Answers:
    if options.answers:
        return read_answers(options.answers.read_text(encoding="utf-8"))
    return read_answers(fetch_answers(words, options.medium))


def _ask(machine: Machine, definitions: list[Definition], payload: Payload) -> Answers:
    from xenserver_installer.newt import BackError, opened  # noqa: PLC0415 - only questions need it
    from xenserver_installer.ui import Questions  # noqa: PLC0415

    try:
        with opened(payload.title) as screen:
            return Questions(screen, machine, definitions, payload.unpacked).ask()
    except BackError as error:
        raise InstallError("cancelled; nothing was written") from error


def _machine(options: argparse.Namespace, wanted: NicFilter) -> Machine:
    if not options.image:
        return read_machine()
    # an image may be started on another machine, whose cards are not known
    nic = Nic(wanted.name or "en* eth*", wanted.mac or "")
    return Machine((read_disk(options.image),), (nic,), read_memory())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xenserver-installer", description="Install a XenServer appliance to a disk."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="check an answer file")
    check.add_argument("file", type=Path, metavar="FILE", help="the answer file")
    verify = commands.add_parser("verify", help="verify all files of the medium")
    install = commands.add_parser("install", help="install, reinstall or upgrade")
    for command in (verify, install):
        command.add_argument(
            "--medium", type=Path, default=MEDIUM, metavar="DIR", help="the medium"
        )
        command.add_argument(
            "--key", type=Path, default=DATA / "key.asc", metavar="FILE", help="its public key"
        )
    install.add_argument("--answers", type=Path, metavar="FILE", help="the answer file")
    install.add_argument("--dry-run", action="store_true", help="print the plan only")
    install.add_argument(
        "--image", type=Path, metavar="FILE", help="install to a disk image instead of a disk"
    )
    install.add_argument("--data", type=Path, default=DATA, help=argparse.SUPPRESS)
    install.add_argument(
        "--kernel-arguments",
        default=Path("/proc/cmdline").read_text(encoding="utf-8"),
        help=argparse.SUPPRESS,
    )
    commands.add_parser("first-boot", help="set a new host up; its service runs it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
