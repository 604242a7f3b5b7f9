# SPDX-License-Identifier: Apache-2.0
"""Wrong and hostile templates fail with file, line and the nearest known word."""

import resource
import signal
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pytest
from jinja2.exceptions import SecurityError

from xsbuild.errors import RecipeError
from xsbuild.recipes.templates import Templates


@dataclass(frozen=True)
class Thing:
    summary: str = "a thing"


CONTEXT = {"component": Thing(), "product": "p", "words": ["a"], "by_name": {"prefix": "/usr"}}


def render(folder: Path, text: str) -> str:
    (folder / "rules.j2").write_text(text)
    return Templates([folder]).render("rules.j2", CONTEXT)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("\n{{ produkt }}", ":2", "'produkt' is undefined"),
        ("\n\n{{ component.sumary }}", ":3", "did you mean `summary`?"),
        ("{{ by_name.prefixx }}", ":1", "did you mean `prefix`?"),
        ("{{ product | nofilter }}", ":1", "nofilter"),
        ("{% extends '_base/rule.j2' %}", "", "no template _base/rule.j2"),
        ("{% include '../../etc/passwd' %}", "", "no template ../../etc/passwd"),
        ("{% macro m() %}{{ nothing }}{% endmacro %}\n{{ m() }}", ":1", "'nothing' is undefined"),
    ],
)
def test_a_wrong_template_says_where(tmp_path: Path, text: str, place: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        render(tmp_path, text)
    assert f"rules.j2{place}: " in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "place", "cause"),
    [
        ("a\n{% if %}", ":2", jinja2.TemplateSyntaxError),
        ("{% for x in words %}", ":1", jinja2.TemplateSyntaxError),
        ("{% include 'rules.j2' %}", ":1", RecursionError),
        ("\n{{ product + 1 }}", ":2", TypeError),
        ("{{ 1 / 0 }}", ":1", ZeroDivisionError),
        ("{{ ''.__class__.__mro__ }}", ":1", SecurityError),
        ("{{ component.__init__.__globals__ }}", ":1", SecurityError),
        ("{{ '{0.__class__}'.format(component) }}", ":1", SecurityError),
        ("{{ words.append('b') }}", ":1", SecurityError),
        ("{% for x in range(10 ** 9) %}{% endfor %}", ":1", OverflowError),
    ],
)
def test_what_a_template_may_not_do_is_refused(
    tmp_path: Path, text: str, place: str, cause: type[Exception]
) -> None:
    with pytest.raises(RecipeError) as caught:
        render(tmp_path, text)
    assert f"rules.j2{place}: " in str(caught.value)
    assert isinstance(caught.value.__cause__, cause)


_DOUBLE = "{% set n = namespace(t='abc') %}{% for x in range(60) %}{% set n.t = n.t ~ n.t %}"


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("{% for x in range(9999) %}{% for y in range(99999) %}{% endfor %}{% endfor %}", "second"),
        ("{{ lipsum(n=1000000) }}", "second"),
        ("{{ 'a' * 10 ** 9 }}", "memory"),
        ("{{ 'a'.ljust(999999999) }}", "memory"),
        ("{{ 'x' | center(10 ** 10) }}", "memory"),
        ("{{ '%999999999d' | format(1) }}", "memory"),
        ("{{ '{:999999999}'.format(1) }}", "memory"),
        ("{{ ('a' * 100000).replace('a', 'b' * 100000) }}", "memory"),
        ("{{ [1] | batch(10 ** 9, 'x') | list }}", "memory"),
        (_DOUBLE + "{% endfor %}", "memory"),
        ("{{ 9 ** (9 ** 9) }}", "bits"),
        ("{{ 1 | round(999999999, 'ceil') }}", "bits"),
    ],
)
def test_a_template_that_takes_much_time_or_memory_is_ended(
    tmp_path: Path, text: str, limit: str
) -> None:
    soft = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(RecipeError, match=rf"rules\.j2:1: .* {limit}"):
        render(tmp_path, text)
    assert resource.getrlimit(resource.RLIMIT_AS) == soft
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def test_the_nearest_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        render(tmp_path, "{{ produkt }}")
    assert caught.value.hint == "did you mean `product`?"


def test_a_project_overrides_what_is_shipped(tmp_path: Path) -> None:
    project, base = tmp_path / "project", tmp_path / "shipped"
    for folder in (project / "xha", base / "_base", base / "xha"):
        folder.mkdir(parents=True)
    (base / "_base" / "rules.j2").write_text("{% block a %}a{% endblock %}-b\n")
    (base / "xha" / "rules.j2").write_text("hidden")
    own = "{% extends '_base/rules.j2' %}{% block a %}{{ super() }}{{ product }}{% endblock %}"
    (project / "xha" / "rules.j2").write_text(own)
    templates = Templates([project, base])
    assert templates.files("xha") == {"rules.j2": project / "xha" / "rules.j2"}
    assert templates.render("xha/rules.j2", CONTEXT) == "ap-b\n"
