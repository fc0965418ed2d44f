"""A platform that remembers what it was told: for tests and dry runs. Versions can be told not to become ready."""

from __future__ import annotations

import asyncio

from activities.release import Deployment, NotReadyError


class MemoryPlatform:
    def __init__(self) -> None:
        self.running: dict[str, set[str]] = {}
        self.routes: dict[str, str] = {}
        self.actions: list[str] = []
        self.never_ready: set[str] = set()
        """Versions, as the definition names them."""
        self.stuck: set[str] = set()
        """Versions whose start does not end until it is cancelled."""

    async def start(self, deployment: Deployment) -> None:
        self.actions.append(f"start {deployment.instance}")
        if deployment.spec.version in self.never_ready:
            raise NotReadyError("SLW864", f"version {deployment.spec.version} was not ready")
        self.running.setdefault(deployment.service, set()).add(deployment.instance)
        if deployment.spec.version in self.stuck:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.actions.append(f"cancelled {deployment.instance}")
                raise

    async def route(self, deployment: Deployment) -> str:
        self.actions.append(f"route {deployment.instance}")
        self.routes[deployment.service] = deployment.instance
        return f"memory://{deployment.service}"

    async def stop(self, deployment: Deployment) -> None:
        self.actions.append(f"stop {deployment.instance}")
        self.running.setdefault(deployment.service, set()).discard(deployment.instance)
