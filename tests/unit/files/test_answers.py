# SPDX-License-Identifier: Apache-2.0
"""Answer files of the installer: what is read, and what is rejected with which sentence."""

import ipaddress
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xenserver_installer.answerfile import AnswersError, Problem, read_answers
from xenserver_installer.answers import Answers, Dom0Memory, dom0_memory_of

WRONG = Path(__file__).with_name("wrong-answers")
ALL = """\
mode: install
disk: {serial: S3*, min-size: 100 GiB, transport: nvme}
wipe: true
system-size: 8 GiB
storage: {type: ext4}
language: de_DE.UTF-8
keyboard: de
timezone: Europe/Berlin
ntp: [ntp.example.com, 2001:db8::1]
hostname: host1.example.com
network:
  nic: {mac: "52:54:00:12:34:56"}
  bridge: xenbr1
  vlan: 12
  ipv4: {address: 192.0.2.3/24, gateway: 192.0.2.1}
  ipv6: {address: "2001:db8::3/64", gateway: "fe80::1"}
  dns: [192.0.2.1, "2001:db8::1"]
root:
  password-hash: $6$salt$hash
  ssh-keys: [ssh-ed25519 AAAA me@example.com]
dom0-memory: {base: 1 GiB, percent: 10, max: 16 GiB}
scripts:
  complete: |
    #!/bin/sh
    touch "$ROOT/done"
after: poweroff
"""


def test_every_key_can_be_given() -> None:
    answers = read_answers(ALL)
    assert answers.model_fields_set == set(Answers.model_fields)
    assert answers.network.dns[1] == ipaddress.ip_address("2001:db8::1")
    assert answers.scripts.complete == '#!/bin/sh\ntouch "$ROOT/done"\n'


def test_an_empty_file_is_one_of_defaults() -> None:
    assert read_answers("") == read_answers("# nothing\n") == Answers()
    assert not Answers().wipe


def test_wrong_files_give_a_sentence_with_the_line(golden: Callable[[Path, str], None]) -> None:
    lines = []
    for file in sorted(WRONG.glob("*.yaml")):
        with pytest.raises(AnswersError) as caught:
            read_answers(file.read_text())
        lines += [f"{file.stem}: {problem}\n" for problem in caught.value.problems]
    assert len(lines) >= 40
    golden(WRONG / "expected.txt", "".join(lines))


def problems_of(text: str) -> list[Problem]:
    try:
        read_answers(text)
    except AnswersError as error:
        return error.problems
    return []


@given(st.text(max_size=200))
def test_no_text_gives_another_exception(text: str) -> None:
    assert all(1 <= problem.line <= len(text) + 1 for problem in problems_of(text))


@given(st.sampled_from(ALL.splitlines()), st.text(max_size=10), st.integers(0, 60))
def test_no_change_of_a_line_gives_another_exception(line: str, text: str, at: int) -> None:
    changed = ALL.replace(line, line[:at] + text + line[at:])
    assert all(1 <= problem.line <= len(changed) for problem in problems_of(changed))


@pytest.mark.parametrize(
    ("answer", "gib", "mib"),
    [
        ("2 GiB", 64, 2048),
        (Dom0Memory(), 2, 1024 + 102),
        (Dom0Memory(), 64, 1024 + 3276),
        (Dom0Memory(), 1024, 8192),
        (Dom0Memory(base="512 MiB", percent=0), 64, 512),
    ],
)
def test_memory_of_dom0_follows_from_the_hosts(
    answer: str | Dom0Memory, gib: int, mib: int
) -> None:
    assert dom0_memory_of(answer, gib << 30) == mib << 20
