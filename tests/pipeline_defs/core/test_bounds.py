"""Every number of a definition has an upper bound: a stranger's definition costs what somebody has thought of."""

from collections.abc import Iterator

import pytest

from pipeline_defs import schema
from pipeline_defs.documents import check

NUMBERS = frozenset(("integer", "number"))
JOB = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\njobs:\n  a: {{run: echo, {}}}\n"


def _unbounded(entry: object, path: str) -> Iterator[str]:
    if isinstance(entry, list):
        for index, below in enumerate(entry):
            yield from _unbounded(below, f"{path}[{index}]")
    if not isinstance(entry, dict):
        return
    kinds = entry.get("type", ())
    if NUMBERS & {kinds if isinstance(kinds, str) else "", *kinds} and "enum" not in entry:
        whole = {"minimum", "exclusiveMinimum"} & entry.keys() and {"maximum", "exclusiveMaximum"} & entry.keys()
        yield from [] if whole else [path]
    for key, below in entry.items():
        yield from _unbounded(below, f"{path}.{key}")


def test_every_number_of_the_model_has_a_lower_and_an_upper_bound() -> None:
    values = {"default", "params", "axes", "include", "exclude", "with", "Value"}
    """Where any value may stand, a number is one that somebody's script reads."""
    unbounded = [path for path in _unbounded(schema.document(), "") if not values & set(path.split("."))]

    assert unbounded == []


@pytest.mark.parametrize(
    "text",
    [
        "memory-mb: 99999999999999999999",
        "memory-mb: 1e300",
        "cpu: 1e400",
        "cpu: -1",
        "timeouts: {run: 1e300}",
        "timeouts: {run: .inf}",
        "timeouts: {run: 99999999999d}",
        "timeouts: {run: -5}",
        "timeouts: {queue: 1e999}",
        "matrix: {axes: {x: [1]}, max-parallel: 1000000}",
        "retry: {attempts: 1000}",
        "output-mb: 100000",
    ],
)
def test_a_number_out_of_its_bounds_is_an_error_of_the_definition(text: str) -> None:
    found = check(JOB.format(text).encode(), "p.yaml", lambda _: None).diagnostics

    assert [one.code for one in found if one.severity == "error"] == ["SLW203"], found
