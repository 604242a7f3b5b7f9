#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0

"""A daemon that refuses to start as the real one of its name would, and then waits.

What each needs: ocaml/xenopsd/xc/xc_resources.ml, ocaml/xapi-idl/lib/xcp_service.ml,
ocaml/message-switch/switch/switch_main.ml and ocaml/xapi-storage-script/main.ml of xen-api.
"""

import os
import shutil
import signal
import socket
import sys
from pathlib import Path

NAME = Path(sys.argv[0]).name
# the default of each essential setting; a name without a slash is looked for in PATH, then in
# search-path
ESSENTIAL = {
    "xenopsd-xc": {
        "vif-script": "/usr/lib/xcp/scripts/vif",
        "vbd-script": "/etc/xen/scripts/block",
        "network-conf": "/etc/xcp/network.conf",
        **{
            name: name
            for name in (
                "chgrp",
                "modprobe",
                "rmmod",
                "tune2fs",
                "mount",
                "umount",
                "ionice",
                "xenguest",
                "emu-manager",
                "setup-vif-rules",
                "pvs-proxy-ovs-setup",
            )
        },
    },
    "xapi-storage-script": {"root": "/var/lib/xapi/storage-scripts"},
    "xcp-networkd": {"network-conf": "/etc/xcp/network.conf"},
}
NOTIFIES = {"forkexecd", "xapi", "xcp-networkd", "xcp-rrdd"}


def settings() -> dict[str, str]:
    """Reads /etc/NAME.conf and /etc/NAME.conf.d/, and nothing else."""
    files = [Path(f"/etc/{NAME}.conf"), *sorted(Path(f"/etc/{NAME}.conf.d").glob("*"))]
    lines = [line for file in files if file.exists() for line in file.read_text().splitlines()]
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, value in pairs}


def find(value: str, path: str) -> bool:
    if "/" in value:
        return Path(value).exists()
    return shutil.which(value) is not None or shutil.which(value, path=path) is not None


def check(found: dict[str, str]) -> None:
    for key, default in ESSENTIAL.get(NAME, {}).items():
        value = found.get(key, default)
        if not find(value, found.get("search-path", "")):
            sys.exit(f"{NAME}: essential resource {key}: {value} is not there")
    if NAME == "message-switch" and not Path("/var/run/message-switch").is_dir():
        sys.exit("message-switch: cannot bind /var/run/message-switch/sock: no such directory")
    if found.get("use-switch") == "true" and not Path("/var/run/message-switch").is_dir():
        sys.exit(f"{NAME}: there is no message switch")


def ready() -> None:
    address = os.environ.get("NOTIFY_SOCKET")
    if NAME in NOTIFIES and address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stream:
            stream.sendto(b"READY=1", address.replace("@", "\0", 1))


def leave_note() -> None:
    """Tells the tests that it has started; most of the daemons tell nobody."""
    folder = Path("/run/stand-ins")
    folder.mkdir(exist_ok=True)
    (folder / NAME).touch()


check(settings())
ready()
leave_note()
signal.pause()
