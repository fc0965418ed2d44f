"""Whether a text of policies may become a set: its syntax, its ids, and what the schema says of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import cedarpy

from activities.access.policy_engines import schema

ID = re.compile(r"(abac|pbac)/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
MAX_POLICIES = 200
MAX_TOLD = 20


def problems(text: str, taken: Iterable[str] = ()) -> tuple[str, ...]:
    """What is wrong with it, a sentence each; empty: it is valid. `taken`: ids of other sets that are active."""
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as wrong:
        return (f"it is no text of Cedar: {str(wrong)[:500]}",)
    found = _of_shape(parsed, frozenset(taken))
    if not found:
        checked = cedarpy.validate_policies(text, schema.text())
        found = [str(one)[:500] for one in checked.errors]
    return tuple(found[:MAX_TOLD])


def ids_of(text: str) -> tuple[str, ...]:
    """The ids of its policies, in order; empty: it is no text of Cedar."""
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError:
        return ()
    return tuple(str(one.get("annotations", {}).get("id", "")) for one in parsed["staticPolicies"].values())


def _of_shape(parsed: dict[str, dict[str, dict[str, dict[str, str]]]], taken: frozenset[str]) -> list[str]:
    if parsed["templates"] or parsed["templateLinks"]:
        return ["it has a template: grants are given by `access grant`"]
    policies = parsed["staticPolicies"]
    if not policies:
        return ["it has no policies"]
    if len(policies) > MAX_POLICIES:
        return [f"it has more than {MAX_POLICIES} policies"]
    found, seen = [], set(taken)
    for place, policy in policies.items():
        id_ = policy.get("annotations", {}).get("id", "")
        if not ID.fullmatch(id_):
            found.append(f'{place} has the id {id_[:80]!r}: it needs @id("abac/NAME") or @id("pbac/NAME")')
        elif id_ in seen:
            found.append(f"the id {id_} is there already")
        seen.add(id_)
    return found
