"""Registered environments: their rules for approvals, images and running releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from activities.access.definition_store import DefinitionStore
from domain.approvals.request import EnvironmentRule, Trust
from domain.scans.rescan import Then, WatchRule
from domain.supply_chain.image_policy import ImageRule

KIND = "Environment"


@dataclass(frozen=True)
class Environment:
    """The rules of one environment. An unregistered one requires signatures, and nothing of images."""

    approval: EnvironmentRule
    images: ImageRule = ImageRule()
    watch: WatchRule = WatchRule()


@dataclass(frozen=True)
class Environments:
    """Reads what `sluiceway apply` has registered."""

    definitions: DefinitionStore

    def get(self, name: str) -> Environment:
        """The rules of an environment; the defaults for an empty or unregistered name."""
        body = self.definitions.get(KIND, name) if name else None
        if body is None:
            return Environment(EnvironmentRule(name))
        return Environment(_approval(name, body), _images(body), _watch(body))


def _approval(name: str, body: Mapping[str, Any]) -> EnvironmentRule:
    approval = body["approval"]
    allow = approval["allow"]
    return EnvironmentRule(
        name,
        tuple(approval["users"]),
        tuple(approval["groups"]),
        approval["quorum"],
        dict(approval["per_group"]),
        Trust(body["trust"]),
        allow["author"],
        allow["committer"],
        allow["starter"],
        approval["max_expires"],
    )


def _images(body: Mapping[str, Any]) -> ImageRule:
    found = body.get("images") or {}
    return ImageRule(
        bool(found.get("built_here")), bool(found.get("gate_passed")), float(found.get("scanned_within", 0))
    )


def _watch(body: Mapping[str, Any]) -> WatchRule:
    found, plain = body.get("watch") or {}, WatchRule()
    then = tuple(Then(word) for word in found.get("then", plain.then))
    return WatchRule(found.get("severity", plain.severity), found.get("unknown_as", plain.unknown_as), then)
