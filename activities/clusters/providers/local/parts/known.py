"""The parts by the name of their program."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from activities.clusters.providers.local.parts.coredns import CoreDns
from activities.clusters.providers.local.parts.port import Part

PARTS: Mapping[str, Part] = MappingProxyType({one.name: one for one in (CoreDns(),)})
