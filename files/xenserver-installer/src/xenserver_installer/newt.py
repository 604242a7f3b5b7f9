# SPDX-License-Identifier: Apache-2.0
"""Windows of the text UI, on the library newt, for a console of 80 columns and 25 lines."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import snack  # type: ignore[import-not-found] # no types; a package of the distribution

_WIDTH = 70
_LINES = 8  # of a list


class BackError(Exception):
    """The person goes back to the window before."""


@dataclass(frozen=True)
class Field:
    """A line of a form.

    Attributes:
        prompt: the text beside it.
        value: its initial value.
        is_secret: typed text is not shown.
    """

    prompt: str
    value: str = ""
    is_secret: bool = False


@dataclass(frozen=True)
class Screen:
    """The console while windows are shown."""

    screen: snack.SnackScreen

    def choose(self, title: str, text: str, items: Sequence[str], default: int = 0) -> int:
        """Return the index of the chosen item.

        Raises:
            BackError: as for all windows.
        """
        shown = [item if len(item) < _WIDTH else f"{item[: _WIDTH - 4]}..." for item in items]
        button, index = snack.ListboxChoiceWindow(
            self.screen, title, text, shown, buttons=["Ok", "Back"], width=_WIDTH - 4,
            scroll=int(len(items) > _LINES), height=min(len(items), _LINES), default=default,
        )  # fmt: skip
        if button == "back":
            raise BackError
        return int(index)

    def fill(self, title: str, text: str, fields: Sequence[Field]) -> list[str]:
        """Return the values of a form's fields."""
        entries = [
            (field.prompt, snack.Entry(36, field.value, password=int(field.is_secret)))
            for field in fields
        ]
        button, values = snack.EntryWindow(
            self.screen, title, text, entries, width=_WIDTH - 4, buttons=["Ok", "Back"]
        )
        if button == "back":
            raise BackError
        return [str(value).strip() for value in values]

    def confirm(self, title: str, text: str, button: str) -> None:
        """Show a text until the person agrees."""
        chosen = snack.ButtonChoiceWindow(
            self.screen, title, text, buttons=["Back", button], width=_WIDTH
        )
        if chosen != button.lower():
            raise BackError

    def show(self, title: str, text: str) -> None:
        """Show a text until a key is pressed."""
        snack.ButtonChoiceWindow(self.screen, title, text, buttons=["Ok"], width=_WIDTH)


@contextmanager
def opened(title: str) -> Iterator[Screen]:
    """Take the console for windows, and give it back."""
    screen = snack.SnackScreen()
    try:
        screen.drawRootText(2, 0, title)
        screen.pushHelpLine("Tab: next field   Space, Enter: choose   F12: ok")
        yield Screen(screen)
    finally:
        screen.finish()
