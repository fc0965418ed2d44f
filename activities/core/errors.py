"""The two ways in which an activity fails; user errors are results, not failures."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError

from domain.core.errors import SluicewayError


def permanent(code: str, message: str) -> ApplicationError:
    """A failure that a retry would repeat."""
    return ApplicationError(message, type=code, non_retryable=True)


def temporary(code: str, message: str) -> ApplicationError:
    """An infrastructure failure: Temporal retries by the activity's policy."""
    return ApplicationError(message, type=code)


def as_failure(broken: SluicewayError) -> ApplicationError:
    """Transient errors, such as an unavailable store, are retried; all others fail at once."""
    return (temporary if broken.transient else permanent)(broken.code, str(broken))
