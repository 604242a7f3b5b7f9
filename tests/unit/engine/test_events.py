# SPDX-License-Identifier: Apache-2.0
"""The event stream: nothing is lost or torn, whoever writes."""

import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from xsbuild.engine.events import EventLog, EventReader, Kind


def emit_many(log: EventLog, task: str) -> None:
    for number in range(200):
        log.emit(Kind.STEP, task, f"step {number} " + "x" * 300)


def test_writers_in_several_processes_do_not_tear_each_others_lines(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    with ProcessPoolExecutor(3) as pool:
        for future in [pool.submit(emit_many, log, name) for name in "abc"]:
            future.result()
    events = list(EventReader(log.file).read())
    for name in "abc":
        texts = [event.text.split()[1] for event in events if event.task == name]
        assert texts == [str(number) for number in range(200)]


def test_a_reader_gets_each_event_once_and_waits_for_whole_lines(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    reader = EventReader(log.file)
    assert list(reader.read()) == []
    log.emit(Kind.STARTED, "a")
    assert [event.kind for event in reader.read()] == [Kind.STARTED]
    with log.file.open("a") as stream:
        stream.write('{"kind": "done", "task"')
    assert list(reader.read()) == []
    with log.file.open("a") as stream:
        stream.write(': "a", "text": "", "time": 1}\n')
    assert [event.kind for event in reader.read()] == [Kind.DONE]


@given(st.text())
def test_any_text_survives(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = EventLog(Path(folder, "events"))
        log.emit(Kind.FAILED, "task", text.encode(errors="replace").decode())
        (event,) = EventReader(log.file).read()
        assert event.text == text.encode(errors="replace").decode()
