"""Explanations, labels and sets of policies of a server."""

from __future__ import annotations

from dataclasses import asdict

from domain.access.actions import Action
from domain.access.policy_sets import PolicyState
from domain.access.resource import Resource
from workers.client.ports.addresses import quoted
from workers.client.ports.keys import new_key
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.policies import Explanation, LabelRow, PolicySetDetails, PolicySetRow, SignedStep, Simulation
from workers.remote.connection import Connection


class RemotePolicies:
    """`Policies` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def explain(self, action: Action, resource: Resource, principal: str = "") -> Explanation:
        """See `Policies`."""
        asked = {"action": action.value, "kind": resource.kind.value, "name": resource.name, "principal": principal}
        return await self._server.get("/access/explain", Explanation, asked)

    async def labels(self, page: PageOf) -> Page[LabelRow]:
        """See `Policies`."""
        return await self._server.get("/labels", Page[LabelRow], asdict(page))

    async def label(self, subject: str, level: int, compartments: tuple[str, ...], integrity: int = 1) -> LabelRow:
        """See `Policies`."""
        body = {"subject": subject, "level": level, "compartments": compartments, "integrity": integrity}
        return await self._server.post("/labels", LabelRow, body)

    async def move(self, subject: str, project: str) -> None:
        """See `Policies`."""
        await self._server.ask("POST", "/project-members", body={"subject": subject, "project": project}, key=new_key())

    async def policy_sets(self) -> tuple[PolicySetRow, ...]:
        """See `Policies`."""
        return await self._server.get("/policies", tuple[PolicySetRow, ...])

    async def policy_set(self, name: str, version: int = 0) -> PolicySetDetails:
        """See `Policies`."""
        return await self._server.get(f"/policies/{quoted(name)}", PolicySetDetails, {"version": version})

    async def draft(self, name: str, text: str) -> PolicySetRow:
        """See `Policies`."""
        return await self._server.post("/policies", PolicySetRow, {"name": name, "text": text})

    async def simulate(self, name: str, version: int = 0) -> Simulation:
        """See `Policies`."""
        return await self._server.post(f"/policies/{quoted(name)}/simulations", Simulation, {"version": version})

    async def step(self, name: str, version: int, to: PolicyState, signed: SignedStep | None = None) -> PolicySetRow:
        """See `Policies`."""
        body = {"version": version, "to": to.value, "signed": asdict(signed) if signed else None}
        return await self._server.post(f"/policies/{quoted(name)}/steps", PolicySetRow, body)
