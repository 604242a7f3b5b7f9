# SPDX-License-Identifier: Apache-2.0
"""The command: xenserver-core-setup(8)."""

import argparse
import ipaddress
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Callable, Optional

from xenserver_core_setup.actions import Action, Command, Trouble
from xenserver_core_setup.boot import boot
from xenserver_core_setup.host import Host, SetupError
from xenserver_core_setup.inventory import inventory
from xenserver_core_setup.network import Wanted, network
from xenserver_core_setup.services import certificates, services

Step = Callable[[Host], Iterable[Action]]
# A step may see what is next only once something is done, as an entry of a menu that is made.
_ROUNDS = 4


def steps(wanted: Wanted) -> dict[str, Step]:
    """Every step by its name, in order."""
    return {
        "inventory": lambda host: inventory(host, wanted),
        "network": lambda host: network(host, wanted),
        "boot": boot,
        "services": services,
        "certificates": certificates,
    }


def pending(host: Host, step: Step) -> list[Action]:
    """What a step wants done here; what only the running host can do is left to it."""
    return [
        action
        for action in step(host)
        if host.live or not (isinstance(action, Command) and action.live)
    ]


def perform(host: Host, name: str, step: Step) -> list[str]:
    """Does what a step wants until it wants nothing more.

    Returns:
        What a person has to put right.
    """
    done: list[str] = []
    for _ in range(_ROUNDS):
        actions = pending(host, step)
        troubles = [str(action) for action in actions if isinstance(action, Trouble)]
        todo = [action for action in actions if str(action) not in done]
        if not any(not isinstance(action, Trouble) for action in todo):
            return troubles
        for action in todo:
            if not isinstance(action, Trouble):
                print(f"{name}: {action}")
                action.perform(host)
                done.append(str(action))
    return [f"it wants something else each time, last: {done[-1]}"]


def _told(host: Host, chosen: Mapping[str, Step]) -> int:
    """Prints what would be done; returns how much that is."""
    count = 0
    for name, step in chosen.items():
        for action in pending(host, step):
            print(f"{name}: {action}")
            count += 1
    return count


def _done(host: Host, chosen: Mapping[str, Step]) -> int:
    """Does everything; returns how much a person has to put right."""
    count = 0
    for name, step in chosen.items():
        try:
            troubles = perform(host, name, step)
        except (SetupError, OSError) as error:
            troubles = [str(error)]
        for text in troubles:
            print(f"{name}: {text}", file=sys.stderr)
        count += len(troubles)
    return count


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the command.

    Args:
        arguments: those of this process where None.

    Returns:
        The exit status: 0 all is as wanted, 1 something is left to do.
    """
    options = _parser().parse_args(arguments)
    host = Host(options.root.resolve())
    wanted = Wanted(options.interface, options.address, options.gateway, tuple(options.dns))
    chosen = {
        name: step for name, step in steps(wanted).items() if name in (options.step or [name])
    }
    if options.check or options.dry_run:
        count = _told(host, chosen)
        return 1 if count and options.check else 0
    return 1 if _done(host, chosen) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xenserver-core-setup", description="Turn an installed XenServer core into a host."
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--check", action="store_true", help="say what is missing; exit status 1 if any"
    )
    mode.add_argument("--dry-run", action="store_true", help="say what would be done")
    parser.add_argument(
        "--root", type=Path, default=Path("/"), metavar="DIR", help="the host's files are here"
    )
    parser.add_argument(
        "--step",
        action="append",
        choices=list(steps(Wanted())),
        help="only this step; may be given several times",
    )
    parser.add_argument("--interface", metavar="CARD", help="the network card for management")
    parser.add_argument(
        "--address",
        type=ipaddress.IPv4Interface,
        metavar="ADDRESS/LENGTH",
        help="its fixed address; by DHCP where left out",
    )
    parser.add_argument("--gateway", metavar="ADDRESS", help="for a fixed address")
    parser.add_argument(
        "--dns", action="append", default=[], metavar="ADDRESS", help="for a fixed address"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
