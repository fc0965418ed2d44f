"""What a port gives is JSON that reads the same each time."""

from __future__ import annotations

import json

import pytest

from domain.core.values import Json
from workers.views.rows import plain


@pytest.mark.parametrize(
    ("value", "told"),
    [(frozenset({"b", "a"}), ["a", "b"]), ({"x": {2, 1}}, {"x": [1, 2]}), ((1, "a"), [1, "a"]), ([], [])],
)
def test_a_set_is_a_list_in_one_order_and_never_its_python_text(value: object, told: Json) -> None:
    assert json.loads(json.dumps(plain(value))) == told
