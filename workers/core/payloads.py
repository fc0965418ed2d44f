"""How values become Temporal's payloads. What cannot be written as JSON fails the call once, and is not tried again.

The SDK would fail the workflow task, or retry the activity, for as long as the engine lives: a lone surrogate in what a
job wrote is no fault of the engine that a repair would mend.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.exceptions import ApplicationError

NOT_ENCODED = "SLW916"


class PayloadConverter(PydanticPayloadConverter):
    """Pydantic's JSON; see the module for what it refuses."""

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:  # Any: whatever a message holds
        """The payload of each value.

        Raises:
            ApplicationError: a value has no JSON (a lone surrogate, a number without end, too many levels).
        """
        try:
            return super().to_payloads(values)
        except (ValueError, TypeError, RecursionError) as broken:
            why = f"{type(broken).__name__}: {broken}"[:300]
            message = f"a message cannot be written as JSON: {why}"
            raise ApplicationError(message, type=NOT_ENCODED, non_retryable=True) from broken
