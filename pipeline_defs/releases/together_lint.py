"""Checks several services that are released as one: their calls, and what all of them need."""

from __future__ import annotations

from collections.abc import Iterator

from domain.releases.together.order import complaints
from pipeline_defs.core.diagnostics import Path, Violation
from pipeline_defs.releases import model

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
