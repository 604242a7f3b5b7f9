# SPDX-License-Identifier: Apache-2.0
"""Answers that are still right: each is kept with what was seen of everything it was made from.

An answer is given again only if all of that looks the same now. Content counts, never times, so a
change that touches no time and one that touches nothing else are both judged rightly.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

_ABSENT = "absent"
_KEEP_SECONDS = 30 * 24 * 3600
# Python writes it while it reads the rest.
_COMPILED = "__pycache__"


class Aspect(StrEnum):
    """What is looked at.

    CONTENT: of a file, or of a folder with all in it: names, bytes, who may execute.
    CODE: the same of a Python package, without what Python itself puts there.
    SIZE: of a file that never changes but may be lost or cut off.
    LINK: where a symbolic link leads.
    NAMES: what a folder has.
    STATE: size and times of a file that is too big to read, of the machine's own.
    """

    CONTENT = "content"
    CODE = "code"
    SIZE = "size"
    LINK = "link"
    NAMES = "names"
    STATE = "state"


Seen = dict[str, dict[str, str]]
Places = Iterable[tuple[Aspect, Path]]


def see(places: Places) -> Seen:
    """Looks at places; returns aspect → path → what is there, or that nothing is.

    Raises:
        OSError: something is there that cannot be read.
    """
    seen: Seen = {}
    for aspect, path in places:
        seen.setdefault(aspect, {})[str(path)] = _look(aspect, str(path))
    return seen


def merged(parts: Iterable[Seen]) -> Seen:
    """What was seen of several groups of places."""
    whole: Seen = {}
    for part in parts:
        for aspect, places in part.items():
            whole.setdefault(aspect, {}).update(places)
    return whole


def _look(aspect: str, path: str) -> str:
    try:
        return _LOOKS[Aspect(aspect)](path)
    except (FileNotFoundError, NotADirectoryError):
        return _ABSENT


def _content(path: str, left_out: str = "") -> str:
    if not os.path.isdir(path):  # noqa: PTH112 - a Path for each file takes as long as reading it
        return _file(path)
    digest = sha256()
    seen: set[str] = set()
    # What a link leads to is read like all else, so it counts like all else.
    for folder, folders, names in os.walk(path, followlinks=True, onerror=_raise):
        real = os.path.realpath(folder)
        folders[:] = [] if real in seen else sorted(set(folders) - {left_out})
        digest.update(f"{folder}\0{real}\0{folders}\n".encode(errors="surrogateescape"))
        if real in seen:
            continue
        seen.add(real)
        for name in sorted(names):
            file = f"{folder}/{name}"
            digest.update(f"{name}\0{_file(file)}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _raise(error: OSError) -> None:
    raise error


def _file(path: str) -> str:
    link = os.readlink(path) if os.path.islink(path) else ""  # noqa: PTH114, PTH115 - as above
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - as above
            mode = os.fstat(stream.fileno()).st_mode & 0o111
            return f"{link} {mode:o} {sha256(stream.read()).hexdigest()}"
    except FileNotFoundError:
        if not link:
            raise
        return f"{link} leads nowhere"


def _code(path: str) -> str:
    return _content(path, _COMPILED)


def _size(path: str) -> str:
    return str(os.lstat(path).st_size)


def _link(path: str) -> str:
    return os.readlink(path)  # noqa: PTH115 - as above


def _names(path: str) -> str:
    return "\n".join(sorted(os.listdir(path)))  # noqa: PTH208 - as above


def _state(path: str) -> str:
    found = os.stat(path)  # noqa: PTH116 - as above
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


_LOOKS: Mapping[Aspect, Callable[[str], str]] = {
    Aspect.CONTENT: _content,
    Aspect.CODE: _code,
    Aspect.SIZE: _size,
    Aspect.LINK: _link,
    Aspect.NAMES: _names,
    Aspect.STATE: _state,
}


@dataclass(frozen=True, slots=True)
class Memo:
    """The answer to one question.

    Attributes:
        folder: of all answers.
        question: everything that was asked, and of whom, as it has JSON.
    """

    folder: Path
    question: Mapping[str, object]

    def find(self) -> dict[str, object] | None:
        """The answer, if everything it was made from still looks the same; else None."""
        try:
            kept = json.loads(self._file.read_bytes())
            if time.time() >= kept["until"] or kept["digest"] != _digest(kept):
                return None
            for aspect, places in kept["seen"].items():
                for path, was in places.items():
                    if _look(aspect, path) != was:
                        return None
            answer: dict[str, object] = kept["answer"]
        # Whatever is wrong with what was kept, it is no answer.
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return answer

    def keep(self, answer: Mapping[str, object], seen: Seen, until: float) -> None:
        """Keeps an answer; where that is impossible, the question will be answered anew.

        Args:
            answer: as it has JSON.
            seen: everything it was made from, as it looked before that was read.
            until: seconds since the epoch after which it is none.
        """
        kept = {"until": until, "seen": seen, "answer": answer}
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._forget_old()
            new = self._file.with_suffix(f".{os.urandom(4).hex()}")
            new.write_text(json.dumps({**kept, "digest": _digest(kept)}))
            new.replace(self._file)

    def _forget_old(self) -> None:
        for file in self.folder.iterdir():
            if time.time() - file.stat().st_mtime > _KEEP_SECONDS:
                file.unlink(missing_ok=True)

    @property
    def _file(self) -> Path:
        text = json.dumps(self.question, sort_keys=True)
        return self.folder / f"{sha256(text.encode()).hexdigest()}.json"


def _digest(kept: Mapping[str, object]) -> str:
    """Of all that is kept, so that what a failing disk changed is no answer."""
    text = json.dumps([kept[name] for name in ("until", "seen", "answer")], sort_keys=True)
    return sha256(text.encode()).hexdigest()
