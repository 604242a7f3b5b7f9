# SPDX-License-Identifier: Apache-2.0
"""The template engine: sandboxed, strict, with errors that name file, line and nearest word."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from types import TracebackType

import jinja2

from xsbuild import plainfile
from xsbuild.errors import RecipeError
from xsbuild.recipes.limits import LimitedEnvironment, limited, limited_round
from xsbuild.yamlfile import nearest

SUFFIX = ".j2"
_SYSTEMS = "systems"
_UNDEFINED = re.compile(r"'(\w+)' is undefined")
# Exceptions of invalid templates; the sandbox turns forbidden access into a TemplateError.
_RAISED = (
    jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RuntimeError,
    AttributeError, MemoryError,
)  # fmt: skip


class _Undefined(jinja2.StrictUndefined):
    """An unknown name; its message has the nearest known one."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        owner = self._undefined_obj
        if self._undefined_hint:
            return super()._undefined_message
        if owner is jinja2.utils.missing:
            return f"{self._undefined_name!r} is undefined"  # which _UNDEFINED reads
        known = list(owner) if isinstance(owner, Mapping) else _public(owner)
        hint = nearest(str(self._undefined_name), [str(word) for word in known])
        return f"no {self._undefined_name!r} here" + (f", {hint}" if hint else "")


class _Folders(jinja2.FileSystemLoader):
    """Templates of folders: plain files inside the folder that holds these, see `plainfile`."""

    def get_source(
        self,
        environment: jinja2.Environment,  # noqa: ARG002 - as in Jinja
        template: str,
    ) -> tuple[str, str, Callable[[], bool]]:
        """Read a template; see `jinja2.BaseLoader.get_source`."""
        parts = jinja2.loaders.split_template_path(template)
        for folder in map(Path, self.searchpath):
            file = folder.joinpath(*parts)
            if os.path.lexists(file):
                text = plainfile.read_text(file, within=folder.parent)
                return text, str(file), partial(_is_unchanged, file, file.stat().st_mtime_ns)
        raise jinja2.TemplateNotFound(template)


def _is_unchanged(file: Path, changed: int) -> bool:
    try:
        return file.stat().st_mtime_ns == changed
    except OSError:
        return False


@cache
def _environment(folders: tuple[Path, ...], systems: tuple[Path, ...]) -> jinja2.Environment:
    """Return the environment of these folders, cached: compiling templates takes longest.

    Changed files are reloaded.
    """
    # Templates cannot read private names, change data, or loop forever.
    environment = LimitedEnvironment(
        loader=jinja2.ChoiceLoader(
            (
                jinja2.PrefixLoader({_SYSTEMS: _Folders(systems)}),
                _Folders(folders),
            )
        ),
        undefined=_Undefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["round"] = limited_round
    return environment


class Templates:
    """Templates of some folders; earlier folders take precedence.

    Args:
        folders: folders of templates, the project's first.
        systems: folders of build systems, the project's first; their templates are named
            ``systems/NAME/FILE``.
    """

    def __init__(self, folders: Sequence[Path], systems: Sequence[Path] = ()) -> None:
        self._folders, self._systems = tuple(folders), tuple(systems)
        self._environment = _environment(self._folders, self._systems)

    def files(self, folder: str) -> dict[str, Path]:
        """Return every file below a folder, by its path in it."""
        found: dict[str, Path] = {}
        for root in reversed(self._folders):
            base = root / folder
            if base.is_dir():
                found |= _files_below(base)
        return dict(sorted(found.items()))

    def render(self, name: str, context: Mapping[str, object]) -> str:
        """Render a template.

        Args:
            name: its path below one of the folders.
            context: plain data; templates can call methods of its values.

        Raises:
            RecipeError: the template is invalid.
        """
        try:
            with limited():
                text = self._environment.get_template(name).render(context)
            text.encode()  # raises ValueError for a surrogate, as of "\\ud800"
            return text
        except jinja2.TemplateNotFound as error:
            hint = nearest(str(error.name), self._environment.list_templates())
            raise RecipeError(
                f"{name}: no template {error.name}", hint=hint, code="XSB-RECIPE-TEMPLATE"
            ) from error
        except jinja2.TemplateSyntaxError as error:
            raise RecipeError(
                f"{error.filename}:{error.lineno}: {error.message}", code="XSB-RECIPE-TEMPLATE"
            ) from error
        except _RAISED as error:
            place = self._place(error.__traceback__) or name
            raise RecipeError(
                f"{place}: {error}", hint=_hint(str(error), context), code="XSB-RECIPE-TEMPLATE"
            ) from error

    def read(self, file: Path) -> bytes:
        """Read a file that `files` listed.

        Raises:
            InputError: it is no plain file inside the folder that holds the templates' folder.
        """
        return plainfile.read_bytes(file, within=self._project(file))

    def read_text(self, file: Path) -> str:
        """Read a text file that `files` listed.

        Raises:
            InputError: as `read`, or it is not UTF-8.
        """
        return plainfile.read_text(file, within=self._project(file))

    def _project(self, file: Path) -> Path:
        folders = (*self._folders, *self._systems)
        return next(folder for folder in folders if file.is_relative_to(folder)).parent

    def _place(self, traceback: TracebackType | None) -> str | None:
        # Jinja adds frames of templates to tracebacks; the innermost is the place of the error.
        place, places = None, (*self._folders, *self._systems)
        while traceback is not None:
            file = traceback.tb_frame.f_code.co_filename
            if any(Path(file).is_relative_to(folder) for folder in places):
                place = f"{file}:{traceback.tb_lineno}"
            traceback = traceback.tb_next
        return place


def _files_below(folder: Path, inner: str = "") -> Iterator[tuple[str, Path]]:
    # A plan asks thousands of times, and `Path.rglob` takes three times as long.
    with os.scandir(folder) as entries:
        for entry in entries:
            path = folder / entry.name
            if entry.is_dir(follow_symlinks=False) and not entry.name.endswith(SUFFIX):
                yield from _files_below(path, f"{inner}{entry.name}/")
            else:  # what is no plain file is refused when it is read
                yield f"{inner}{entry.name}", path


def _public(value: object) -> list[str]:
    return [name for name in dir(value) if not name.startswith("_")]


def _hint(message: str, context: Mapping[str, object]) -> str | None:
    match = _UNDEFINED.search(message)
    if match is None:
        return None
    return nearest(match[1], list(context)) or f"known here: {', '.join(sorted(context))}"
