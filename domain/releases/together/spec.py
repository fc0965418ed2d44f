"""What the deploy job of one of several services says of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Together:
    """Services that are released as one."""

    name: str
    """Of the release of all of them; none of them has it."""
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Service to those that it calls."""
