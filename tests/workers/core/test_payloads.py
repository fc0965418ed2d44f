"""A message that has no JSON fails its call once, with a code."""

from __future__ import annotations

import pytest
from temporalio.exceptions import ApplicationError

from domain.core.values import Json
from workers.core.conversion import CONVERTER
from workers.core.light_conversion import LIGHT


def nested(levels: int) -> Json:
    value: Json = []
    for _ in range(levels):
        value = [value]
    return value


both = pytest.mark.parametrize("converter", [CONVERTER.payload_converter, LIGHT.payload_converter])


@both
@pytest.mark.parametrize("value", ["\ud83d", {"a": ["\udc80"]}, nested(20_000), {1, object()}])
def test_what_has_no_json_fails_once_and_is_not_tried_again(converter, value) -> None:
    with pytest.raises(ApplicationError, match="cannot be written as JSON") as refused:
        converter.to_payloads([value])
    assert (refused.value.type, refused.value.non_retryable) == ("SLW916", True)


@both
@pytest.mark.parametrize("value", ["é🚀\0", 10**40, {"a": [1, None, True, 1.5]}, b"x"])
def test_what_has_json_comes_back(converter, value) -> None:
    assert converter.from_payloads(converter.to_payloads([value])) == [value]
