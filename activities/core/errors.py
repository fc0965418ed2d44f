"""The two ways an activity fails; anything else that a user caused is a result, not an error."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError

from domain.core.errors import SluicewayError


def permanent(code: str, message: str) -> ApplicationError:
    """Asking again gives the same answer."""
    return ApplicationError(message, type=code, non_retryable=True)


def temporary(code: str, message: str) -> ApplicationError:
    """Infrastructure: Temporal tries again under the policy of the activity."""
    return ApplicationError(message, type=code)


def as_failure(broken: SluicewayError) -> ApplicationError:
    """Tried again where that may help: a store that is away comes back, an object that is missing stays so."""
    return (temporary if broken.transient else permanent)(broken.code, str(broken))
