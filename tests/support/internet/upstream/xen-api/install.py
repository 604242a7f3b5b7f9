# SPDX-License-Identifier: Apache-2.0

"""Installs what installed.txt lists: daemons, units, and for all the rest a text."""

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
DAEMONS = {
    "forkexecd",
    "message-switch",
    "squeezed",
    "varstored-guard",
    "xapi",
    "xapi-nbd",
    "xapi-storage-script",
    "xcp-networkd",
    "xcp-rrdd",
    "xenopsd-simulator",
    "xenopsd-xc",
}
NOTIFIES = {"xcp-networkd", "xcp-rrdd", "xapi"}
PRELOADS = {"xapi", "xcp-networkd", "xcp-rrdd", "xapi-nbd"}
PLACES = {"xapi": "/opt/xensource/bin/xapi", "wsproxy": "/opt/xensource/libexec/wsproxy"}


def unit(name: str) -> str:
    base, _, kind = name.rpartition(".")
    head = f"[Unit]\nDescription={base}\n"
    if kind == "target":
        return head
    if kind == "socket":
        return f"{head}[Socket]\nListenStream=/run/{base}\n[Install]\nWantedBy=sockets.target\n"
    if kind == "path":
        text = f"{head}[Path]\nPathExists=/run/{base}\n"
        return f"{text}[Install]\nWantedBy=multi-user.target\n"
    daemon = base in DAEMONS
    program = PLACES.get(base, f"/usr/sbin/{base}" if daemon else "/bin/true")
    lines = [head + "[Service]", f"ExecStart={program}"]
    if not daemon:
        lines.append("Type=oneshot")
    if base in NOTIFIES:
        lines.append("Type=notify")
    if base in PRELOADS:
        lines.append("Environment=LD_PRELOAD=/usr/lib64/libjemalloc.so.2")
    if base == "xapi":
        lines.append("ExecStartPost=/bin/touch /var/lock/subsys/xapi")
    if base == "gencert":
        lines[1] = "ExecStart=/opt/xensource/libexec/gencert /etc/xensource/xapi-ssl.pem 0 -1 -1"
    return "\n".join(lines) + "\n[Install]\nWantedBy=multi-user.target\n"


def text_of(path: str) -> tuple[str, int]:
    name = path.rpartition("/")[2]
    if path.startswith("/usr/lib/systemd/system/"):
        return unit(name), 0o644
    if name == "qemu-wrapper":
        return (HERE / "ocaml/xenopsd/scripts/qemu-wrapper").read_text(), 0o755
    if name == "gencert":
        return '#!/bin/sh\nmkdir -p "${1%/*}"\necho certificate >"$1"\n', 0o755
    if name in DAEMONS and "/ocaml/" not in path and "bin/" in path:
        return (HERE / "daemon.py").read_text(), 0o755
    if (
        re.search(r"/(s?bin|libexec|debug|plugins|extensions|cron\.\w+)/", path)
        and "bugtool" not in path
    ):
        return "#!/bin/sh\nexit 0\n", 0o755
    if path.startswith("/etc/sysconfig/") or path.endswith(".conf"):
        return "# empty\n", 0o644
    return "", 0o644


def main(destination: str, *assignments: str) -> None:
    values = dict(word.split("=", 1) for word in assignments)
    for line in (HERE / "installed.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        path = re.sub(r"@(\w+)@", lambda match: values[match[1]], line)
        place = Path(destination + path)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.name == ".keep":
            continue
        text, mode = text_of(path)
        place.write_text(text)
        place.chmod(mode)


main(*sys.argv[1:])
