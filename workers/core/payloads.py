"""What cannot be written as JSON fails its call once, and is not tried again.

The SDK would fail the workflow task, or retry the activity, for as long as the engine lives: a lone surrogate in what a
job wrote is no fault of the engine that a repair would mend.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.converter import CompositePayloadConverter
from temporalio.exceptions import ApplicationError

NOT_JSON = "SLW916"


class StrictPayloads(CompositePayloadConverter):
    """A set of converters; the module explains what none of them can encode."""

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:  # Any: the values of a message
        """The payload of each value.

        Raises:
            ApplicationError: a value has no JSON (a lone surrogate, a type of its own, too many levels).
        """
        try:
            return super().to_payloads(values)
        except (ValueError, TypeError, RecursionError, RuntimeError) as broken:
            why = f"{type(broken).__name__}: {broken}"[:300]
            message = f"a message cannot be written as JSON: {why}"
            raise ApplicationError(message, type=NOT_JSON, non_retryable=True) from broken
