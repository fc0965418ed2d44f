"""The two ways an activity fails; anything else that a user caused is a result, not an error."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError

from activities.storage import port as store
from domain.core.errors import SluicewayError


def permanent(code: str, message: str) -> ApplicationError:
    """Asking again gives the same answer."""
    return ApplicationError(message, type=code, non_retryable=True)


def of_store(broken: SluicewayError) -> ApplicationError:
    """A store that is full or away is asked again; an object that is missing or forged stays so."""
    return (temporary if broken.code in store.PASSING else permanent)(broken.code, str(broken))


def temporary(code: str, message: str) -> ApplicationError:
    """Infrastructure: Temporal tries again under the policy of the activity."""
    return ApplicationError(message, type=code)
