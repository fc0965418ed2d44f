"""Each service of a deploy job as if it were alone, and where its keys are said."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline_defs.core.diagnostics import Path
from pipeline_defs.releases import model
from pipeline_defs.releases.compile import each

Place = Callable[[str], Path]
"""Key of a deploy block to the path of the block that says it."""


def services(block: model.Deploy, path: Path) -> Iterator[tuple[model.Deploy, Place]]:
    """`path`: of the block."""
    if not block.services:
        yield block, lambda key: path
    for name, one in each(block).items():
        yield one, _place(block.services[name], path, (*path, "services", name))


def _place(one: model.Service, shared: Path, own: Path) -> Place:
    return lambda key: own if key in one.model_fields_set else shared
