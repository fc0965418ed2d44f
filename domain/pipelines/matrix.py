"""Expands axes, `exclude` and `include` to cells, and names them.

A cell has a key, `os=linux,py=3.12`, by which expressions find its results, and the id of its job,
`test[os=linux,py=3.12]`. No two cells of a matrix share either, whatever their values.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from domain.core.values import Scalar

Cell = dict[str, Scalar]
MAX_TEXT = 60
"""Characters of a value in an id."""
MAX_ID_BYTES = 180
"""Of the part in brackets: with a name of a job and an ending it still is a file's name (255 bytes on Linux)."""
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f/\\\\\u2028\u2029\ud800-\udfff]")


def cells(
    axes: Mapping[str, Sequence[Scalar]], include: Sequence[Cell] = (), exclude: Sequence[Cell] = ()
) -> list[Cell]:
    """Every combination of the axes, minus those an `exclude` entry matches in all its keys, plus the `include`
    entries.

    A value that an axis has twice counts once; an `include` entry equal to a combination adds nothing.
    """
    product = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())] if axes else []
    kept = [cell for cell in product if not any(covers(entry, cell) for entry in exclude)]
    return list({_identity(cell): cell for cell in [*kept, *map(dict, include)]}.values())


def count(axes: Mapping[str, Sequence[Scalar]], include: Sequence[Cell] = ()) -> int:
    """An upper bound of the number of cells without expanding them, to check the limit first."""
    total = 1 if axes else 0
    for values in axes.values():
        total *= len(values)
    return total + len(include)


def covers(entry: Mapping[str, Scalar], cell: Mapping[str, Scalar]) -> bool:
    """Whether an entry matches a cell in all its keys: `1` is neither `"1"` nor `true`."""
    return bool(entry) and all(key in cell and _same(cell[key], value) for key, value in entry.items())


def keys(cells: Sequence[Mapping[str, Scalar]]) -> list[str]:
    """The keys of a matrix's cells: `axis=value,axis=value`, the values as they are.

    Where that would be the same for two cells (`1` and `"1"`), their texts are quoted as in JSON.
    """
    plain = [_key(cell) for cell in cells]
    told = Counter(plain)
    made = [key if told[key] == 1 else _key(cell, quoted=True) for key, cell in zip(plain, cells, strict=True)]
    told = Counter(made)
    return [key if told[key] == 1 else f"{key}~{_hash(cell)}" for key, cell in zip(made, cells, strict=True)]


def ids(group: str, cells: Sequence[Mapping[str, Scalar]]) -> list[str]:
    """Ids of the cells' jobs: their keys in brackets, safe and short enough for a file's name.

    Slashes and control characters are written as `%2F`; what is cut, or would not be unique, ends with a hash.
    """
    whole = keys(cells)
    safe = [_safe(key if _short(cell) else _key(cell, limit=MAX_TEXT)) for key, cell in zip(whole, cells, strict=True)]
    told = Counter(safe)
    return [
        f"{group}[{key}]"
        if _short(cell) and told[key] == 1 and len(key.encode()) <= MAX_ID_BYTES
        else f"{group}[{_cut(key)}~{_hash(cell)}]"
        for key, cell in zip(safe, cells, strict=True)
    ]


def _short(cell: Mapping[str, Scalar]) -> bool:
    return all(len(_text(value)) <= MAX_TEXT for value in cell.values())


def _key(cell: Mapping[str, Scalar], *, quoted: bool = False, limit: int | None = None) -> str:
    def said(value: Scalar) -> str:
        text = json.dumps(value, ensure_ascii=False) if quoted else _text(value)
        return text[:limit]

    return ",".join(f"{axis}={said(value)}" for axis, value in cell.items())


def _safe(key: str) -> str:
    return _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")), key)


def _cut(key: str) -> str:
    return key.encode()[:MAX_ID_BYTES].decode("utf-8", "ignore")


def _hash(cell: Mapping[str, Scalar]) -> str:
    return hashlib.sha256(_identity(cell).encode()).hexdigest()[:8]


def _identity(cell: Mapping[str, Scalar]) -> str:
    return json.dumps(cell, sort_keys=True)


def _same(one: Scalar, other: Scalar) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
