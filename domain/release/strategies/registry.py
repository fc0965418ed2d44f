"""Strategy names as the definition writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from domain.release.actions import Action
from domain.release.strategies.recreate import recreate

Strategy = Callable[[str, str], Iterator[Action]]
"""(version, previous version or an empty text) to the actions that release it."""

STRATEGIES: Mapping[str, Strategy] = {"recreate": recreate}
