"""Checks several services that are released as one: their calls, and what all of them need."""

from __future__ import annotations

from collections.abc import Iterator

from domain.releases.together.order import complaints
from pipeline_defs.core.diagnostics import Path, Violation
from pipeline_defs.releases import model
from pipeline_defs.releases.compile import each

DARK = ("canary", "blue-green")
"""Strategies that start a version without traffic, beside the one before."""


def violations(block: model.Deploy) -> Iterator[Violation]:
    """Rule violations; paths are relative to the deploy block."""
    if block.service in block.services:
        message = "the release of all services needs a name that none of them has"
        yield Violation("SLW203", message, ("service",), block.service)
    if block.strategy not in DARK:
        message = (
            f"services that are released as one all start without traffic, which strategy '{block.strategy}' cannot"
        )
        yield Violation("SLW703", message, ("strategy",), block.strategy, f"use {' or '.join(DARK)}")
    for name, why in complaints({name: one.needs for name, one in block.services.items()}):
        path: Path = ("services", name, "needs") if name else ("services",)
        yield Violation("SLW203", why, path)


def mixed(block: model.Deploy) -> Iterator[tuple[Path, str, str]]:
    """Services that others call, and that no header leads to: path, message and hint of a warning for each."""
    for name, one in each(block).items():
        calls = [caller for caller, other in block.services.items() if name in other.needs]
        if calls and not one.routing.header:
            message = f"a request that the new '{calls[0]}' serves may reach the old '{name}' while both have requests"
            hint = (
                f"routing: {{header: 'x-sluiceway-set: {block.service}'}}, which '{calls[0]}' passes on with its calls"
            )
            yield ("services", name), message, hint
