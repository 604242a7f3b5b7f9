# SPDX-License-Identifier: Apache-2.0
"""Drawings of the graph: text for people, DOT for graphviz, Mermaid for Markdown."""

from collections.abc import Collection, Iterator

from xsbuild.planner.graph import Graph


def as_text(graph: Graph, names: Collection[str]) -> str:
    """Return one line a component, after its dependencies: its dependencies and their reasons."""
    return "\n".join(_text_lines(graph, names)) + "\n"


def _text_lines(graph: Graph, names: Collection[str]) -> Iterator[str]:
    for name in graph.order:
        if name in names:
            yield name
            for edge in graph.edges[name]:
                yield f"  needs {edge.needed} for {edge.because}"


def as_dot(graph: Graph, names: Collection[str]) -> str:
    """Return the graph in the DOT language (https://graphviz.org/doc/info/lang.html)."""
    lines = ["digraph components {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f'  "{name}";' for name in graph.order if name in names]
    lines += [
        f'  "{edge.user}" -> "{edge.needed}" [label="{_escape(edge.because)}"];'
        for name in graph.order
        if name in names
        for edge in graph.edges[name]
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def as_mermaid(graph: Graph, names: Collection[str]) -> str:
    """Return the graph as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html)."""
    number = {name: f"c{index}" for index, name in enumerate(graph.order)}
    lines = ["flowchart LR"]
    lines += [f'  {number[name]}["{name}"]' for name in graph.order if name in names]
    lines += [
        f'  {number[edge.user]} -->|"{edge.because}"| {number[edge.needed]}'
        for name in graph.order
        if name in names
        for edge in graph.edges[name]
    ]
    return "\n".join(lines) + "\n"
