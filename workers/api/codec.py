"""The codec that Temporal's UI asks to read encrypted payloads: for each person, what that person may read.

Source: Temporal's remote codec, https://docs.temporal.io/codec-server: `POST /decode` and `/encode` with the JSON of
`temporal.api.common.v1.Payloads`, and the namespace in a header.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from temporalio.api.common.v1 import Payload, Payloads

from domain.access.verdict import Verdict
from domain.authority.hiding import Hiding, read
from domain.authority.payload_owners import Question
from domain.core.errors import DefinitionError
from domain.core.values import Json
from workers.client.guard import Guard
from workers.core.hidden_payloads import hide, opened
from workers.core.keyring import Keyring

PATH = "/temporal/codec"
MOST_PAYLOADS = 1_000
"""Of one request: an event has a few, the UI's page of a history some hundreds."""
KEPT = ("encoding", "messageType")
"""Of the metadata of what is shown: a seal is for no reader."""


class Owners(Protocol):
    """Whose right it takes to read what an execution said and was told."""

    def of(self, ids: Sequence[str]) -> Mapping[str, Question | None]:
        """The question of each; None: nobody may. Blocks."""
        ...


@dataclass(frozen=True)
class Codec:
    """Of one home."""

    ring: Keyring
    namespace: str
    owners: Owners

    @property
    def used(self) -> bool:
        """Whether the server may hold encrypted payloads."""
        return self.ring.made and self.ring.hiding is not Hiding.NEVER

    async def decoded(self, body: bytes, namespace: str, guard: Guard) -> list[Json]:
        """Payloads in their order: open for who may read their execution, else with the rule that says no.

        Raises:
            DefinitionError: SLW471, these are no payloads.
        """
        payloads = parsed(body).payloads
        found = [read(one.metadata) for one in payloads]
        ids = sorted({one.workflow_id for one in found if one})
        verdicts = await asyncio.to_thread(self._verdicts, ids, guard) if namespace == self.namespace else {}
        shown = [
            self._shown(payload, verdicts.get(beside.workflow_id)) if beside else payload
            for payload, beside in zip(payloads, found, strict=True)
        ]
        return written(shown)

    def _verdicts(self, ids: Sequence[str], guard: Guard) -> Mapping[str, Verdict]:
        asked = {id_: one for id_, one in self.owners.of(ids).items() if one}
        said = guard.verdicts([(one.action, one.resource) for one in asked.values()])
        return dict(zip(asked, said, strict=True))

    def _shown(self, payload: Payload, verdict: Verdict | None) -> Payload:
        if verdict is None or not verdict.allowed:
            rule = verdict.rule if verdict else "default/deny"
            return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(f"encrypted ({rule})").encode())
        found = opened(self.ring, self.namespace, payload)
        if found is payload:
            return payload
        return Payload(
            metadata={name: found.metadata[name] for name in KEPT if name in found.metadata}, data=found.data
        )

    def argument(self, workflow_id: str, text: bytes) -> Mapping[str, Json]:
        """JSON that goes to an execution, as a payload: encrypted where the home encrypts."""
        payload = Payload(metadata={"encoding": b"json/plain"}, data=text)
        if self.ring.made and self.ring.hiding is Hiding.NOW:
            hide(self.ring, self.namespace, workflow_id, payload)
        return dict(MessageToDict(payload))


def parsed(body: bytes) -> Payloads:
    """A request's payloads.

    Raises:
        DefinitionError: SLW471, these are none.
    """
    try:
        found = ParseDict(json.loads(body), Payloads(), ignore_unknown_fields=True, max_recursion_depth=10)
    except (ValueError, RecursionError, ParseError, TypeError, AttributeError) as wrong:
        raise DefinitionError("SLW471", "these are no payloads of Temporal", why=str(wrong)[:200]) from wrong
    if len(found.payloads) > MOST_PAYLOADS:
        raise DefinitionError("SLW471", f"more than {MOST_PAYLOADS} payloads")
    return found


def written(payloads: Iterable[Payload]) -> list[Json]:
    """As an answer has them."""
    return [dict(MessageToDict(one)) for one in payloads]


def with_codec(settings: bytes) -> bytes:
    """The UI's settings, so that it asks this server, at the address that it was loaded from."""
    try:
        found = json.loads(settings)
    except ValueError:
        return settings
    if not isinstance(found, dict):
        return settings
    codec = {"Endpoint": PATH, "PassAccessToken": False, "IncludeCredentials": False}
    return json.dumps({**found, "Codec": codec}).encode()
