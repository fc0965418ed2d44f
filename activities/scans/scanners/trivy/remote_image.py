"""trivy for an image in a registry, without a daemon: the target is the image's name."""

from __future__ import annotations

import os
from pathlib import Path

from activities.core import process
from activities.core.port import Completed
from activities.scans.running.sandbox import environment
from activities.scans.scanners.trivy.trivy import TrivyImage


class TrivyRegistry(TrivyImage):
    """The only scanner with a network: it reads the registry, with the credentials of docker login."""

    name = "trivy-registry"

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """With the credentials of DOCKER_CONFIG, and with a network."""
        command = [
            *self._command("image", scratch),
            *("--image-config-scanners", "misconfig,secret", "--image-src", "remote", str(target)),
        ]
        config = os.environ.get("DOCKER_CONFIG") or str(Path.home() / ".docker")
        env, cwd = {**environment(scratch), "DOCKER_CONFIG": config}, scratch / "cwd"
        completed = await process.run(command, cwd=cwd, env=env, timeout_s=timeout_s, key=key, network=True)
        return await self._with_bills(completed, scratch, key)
