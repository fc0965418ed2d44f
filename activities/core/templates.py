"""Jinja templates of self-contained pages with autoescaping."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template


@lru_cache
def template(name: str) -> Template:
    """`FEATURE/NAME.html.j2` of activities/; an undefined variable is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # slow to load, and rarely needed

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(f"{name}.html.j2")
