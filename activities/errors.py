"""The two ways an activity fails; anything else that a user caused is a result, not an error."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError


def permanent(code: str, message: str) -> ApplicationError:
    """Asking again gives the same answer."""
    return ApplicationError(message, type=code, non_retryable=True)


def temporary(code: str, message: str) -> ApplicationError:
    """Infrastructure: Temporal tries again under the policy of the activity."""
    return ApplicationError(message, type=code)
