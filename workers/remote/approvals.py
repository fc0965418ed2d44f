"""Approvals of a server. What is signed here is what this machine showed: the server adds nothing to it."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256

from domain.approvals.request import Decision
from workers.client.ports.addresses import segment
from workers.client.ports.approvals import Answer, ApprovalDetails, ApprovalRow
from workers.client.ports.pages import Page, PageOf
from workers.remote.connection import Connection


class RemoteApprovals:
    """`Approvals` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def inbox(self, page: PageOf, *, mine: bool = True) -> Page[ApprovalRow]:
        """See `Approvals`."""
        return await self._server.get("/approvals", Page[ApprovalRow], {**asdict(page), "mine": mine})

    async def show(self, id_: str) -> ApprovalDetails:
        """See `Approvals`."""
        return await self._server.get(f"/approvals/{_approval(id_)}", ApprovalDetails)

    async def decide(self, id_: str, decision: Decision, digest: str) -> Answer:
        """See `Approvals`."""
        path, headers = f"/approvals/{_approval(id_)}/decisions", {"If-Match": f'"{digest}"'}
        key = sha256(decision.request_id.encode()).hexdigest()[:32] if decision.request_id else ""
        return await self._server.post(path, Answer, decision, key=key, headers=headers)


def _approval(id_: str) -> str:
    return segment(id_, "approval")
