"""Templates of the pages that people get: everything in one file, and every value escaped."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template


@lru_cache
def template(name: str) -> Template:
    """`FEATURE/NAME.html.j2` of activities/; what a template asks for and was not given is an error, not a gap."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # loads what most commands need not

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(f"{name}.html.j2")
