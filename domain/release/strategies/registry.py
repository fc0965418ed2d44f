"""Strategy names as the definition writes them."""

from __future__ import annotations

from collections.abc import Mapping

from domain.release.strategies.blue_green import blue_green
from domain.release.strategies.canary import canary
from domain.release.strategies.order import Strategy
from domain.release.strategies.recreate import recreate
from domain.release.strategies.rolling import rolling

STRATEGIES: Mapping[str, Strategy] = {
    "recreate": recreate,
    "rolling": rolling,
    "blue-green": blue_green,
    "canary": canary,
}
