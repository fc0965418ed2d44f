"""Messages that were refused, since nobody of this installation has sealed them."""

from __future__ import annotations

import logging
from collections.abc import Callable

Tell = Callable[[str, str, str, str, str], None]
"""Is told of a refused message: kind, name, workflow id, why, and the identity that its sender claims."""
_log = logging.getLogger("sluiceway.refused")


def logged(kind: str, name: str, workflow_id: str, why: str, identity: str) -> None:
    """Logs it."""
    who = f" of {identity[:100]}" if identity else ""
    _log.warning("refused the %s %s%s to %s: %s", kind, name[:100], who, workflow_id[:200], why)
