"""The clients' data converter: the same JSON as the workers', without pydantic unless a value needs it."""

from __future__ import annotations

from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    DataConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
)

from workers.core import plain_json
from workers.core.payloads import StrictPayloads


class PlainFirst(EncodingPayloadConverter):
    """Converts plain values itself and all others by pydantic: the same JSON, and the same values."""

    @property
    def encoding(self) -> str:
        """Required by the SDK."""
        return "json/plain"

    def to_payload(self, value: Any) -> Payload | None:
        """Required by the SDK; never None."""
        try:
            return Payload(metadata={"encoding": self.encoding.encode()}, data=plain_json.dump(value))
        except plain_json.NotPlainError:
            return _pydantic().to_payload(value)

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        """Required by the SDK. Pydantic rejects invalid data, with its own message."""
        try:
            return plain_json.load(payload.data, Any if type_hint is None else type_hint)
        except plain_json.NotPlainError:
            return _pydantic().from_payload(payload, type_hint)


def _pydantic() -> EncodingPayloadConverter:
    from workers.core import conversion

    return conversion.JSON


class LightConverter(StrictPayloads):
    """The SDK's own converters, with `PlainFirst` for JSON."""

    def __init__(self) -> None:
        plain = PlainFirst()
        standard = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(plain if one.encoding == plain.encoding else one for one in standard))


LIGHT = DataConverter(payload_converter_class=LightConverter)
