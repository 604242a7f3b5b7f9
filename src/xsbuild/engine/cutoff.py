# SPDX-License-Identifier: Apache-2.0
"""Early cutoff for archives: a result is good as long as what it was compiled among is the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from xsbuild.store.store import DamagedError, Result, Store


@dataclass(slots=True)
class Cutoff:
    """Stops a build before it compiles where its result is there already.

    Attributes:
        store: where results are.
        former: what the task has been built as, of the same but for the state of the archives;
            None where it has not.
        installed: the packages that the builder said are installed.
        result: `former`, once it is known to be the result now, too.
    """

    store: Store
    former: Result | None
    installed: Sequence[str] = ()
    result: Result | None = None

    def proceed(self, installed: Sequence[str]) -> bool:
        """Takes what is installed, and says whether to compile; see `BuildRequest.proceed`."""
        self.installed = installed
        if self.former and self.store.installed(self.former.key) == list(installed):
            self.result = self._whole(self.former)
        return self.result is None

    def _whole(self, former: Result) -> Result | None:
        try:
            self.store.check([former])
        except DamagedError:
            return None  # set aside, with a warning
        return former
