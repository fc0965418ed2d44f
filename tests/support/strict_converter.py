"""The product's data converter, which refuses what production would refuse."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload

from workers.core import conversion

MAX_PAYLOAD_BYTES = 256 * 1024


class TooBigError(AssertionError):
    """A payload that production would refuse, or that makes a history too big."""


class StrictConverter(conversion.SharedConverter):
    """Refuses what is over 256 KB, on every test."""

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:  # the SDK's word: values of any type
        made: list[Payload] = super().to_payloads(values)
        for payload in made:
            if payload.ByteSize() > MAX_PAYLOAD_BYTES:
                raise TooBigError(f"a payload of {payload.ByteSize():,} bytes")
        return made


STRICT = dataclasses.replace(conversion.CONVERTER, payload_converter_class=StrictConverter)
