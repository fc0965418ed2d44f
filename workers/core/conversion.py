"""The workers' data converter for Temporal: JSON by pydantic."""

from __future__ import annotations

from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter, PydanticPayloadConverter
from temporalio.converter import DataConverter

from workers.core.payloads import StrictPayloads

JSON = PydanticJSONPlainPayloadConverter()
"""One for all: the SDK makes a converter for each workflow and activation, and each would resolve all types again."""
_ALL = tuple(JSON if one.encoding == JSON.encoding else one for one in PydanticPayloadConverter().converters.values())


class SharedConverter(StrictPayloads):
    """The SDK's pydantic converter; all instances share resolved types."""

    def __init__(self) -> None:
        super().__init__(*_ALL)


CONVERTER = DataConverter(payload_converter_class=SharedConverter)
