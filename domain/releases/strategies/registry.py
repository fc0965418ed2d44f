"""Strategy names as the definition writes them."""

from __future__ import annotations

from collections.abc import Mapping

from domain.releases.strategies.adoption import adoption
from domain.releases.strategies.blue_green import blue_green
from domain.releases.strategies.canary import canary
from domain.releases.strategies.recreate import recreate
from domain.releases.strategies.rolling import rolling
from domain.releases.strategies.steps import Strategy

STRATEGIES: Mapping[str, Strategy] = {
    "recreate": recreate,
    "rolling": rolling,
    "blue-green": blue_green,
    "canary": canary,
}
"""What a definition can name."""
IMPORT = "import"
"""The strategy of what ran before."""
EVERY: Mapping[str, Strategy] = {**STRATEGIES, IMPORT: adoption}
