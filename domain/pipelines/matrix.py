"""Expands axes, `exclude` and `include` to cells."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from domain.core.values import Scalar

Cell = dict[str, Scalar]


def cells(
    axes: Mapping[str, Sequence[Scalar]], include: Sequence[Cell] = (), exclude: Sequence[Cell] = ()
) -> list[Cell]:
    """Every combination of the axes, minus those an `exclude` entry matches in all its keys, plus the `include`
    entries.

    An `include` entry equal to a combination adds nothing.
    """
    product = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())] if axes else []
    kept = [cell for cell in product if not any(_covers(cell, entry) for entry in exclude)]
    for entry in include:
        if entry not in kept:
            kept.append(dict(entry))
    return kept


def count(axes: Mapping[str, Sequence[Scalar]], include: Sequence[Cell] = ()) -> int:
    """An upper bound of the number of cells without expanding them, to check the limit first."""
    total = 1 if axes else 0
    for values in axes.values():
        total *= len(values)
    return total + len(include)


def cell_id(group: str, cell: Mapping[str, Scalar]) -> str:
    """Job id of one cell of a matrix, such as `test[os=linux,py=3.12]`."""
    return f"{group}[{','.join(f'{key}={_text(value)}' for key, value in cell.items())}]"


def _covers(cell: Cell, entry: Cell) -> bool:
    return bool(entry) and all(key in cell and cell[key] == value for key, value in entry.items())


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
