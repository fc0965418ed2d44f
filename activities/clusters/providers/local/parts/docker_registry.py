"""A registry for one cluster: the engine pushes to it, and the nodes pull from it, by plain HTTP on this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from activities.clusters.processes import program
from activities.clusters.providers.local.host_node import SETTINGS, write
from activities.clusters.providers.local.node_settings import registries
from activities.clusters.providers.local.parts.port import Process, Site
from domain.clusters.beside import image_registry
from domain.core.documents import Object
from domain.core.errors import SluicewayError

SHARED = "sluiceway.local"
"""A name by which every cluster means its own registry: a release to several clusters has one image."""


class DockerRegistry:
    """Debian's docker-registry; its images go with the cluster."""

    name = "docker-registry"

    def blocker(self, site: Site) -> str:
        try:
            program(self.name)
        except SluicewayError as missing:
            return f"{missing.what}; to fix it: {missing.fix}"
        return ""

    def objects(self, site: Site) -> Sequence[Object]:
        return image_registry.objects(self._host(site))

    def processes(self, site: Site) -> Sequence[Process]:
        """One, where nodes reach this machine; and the file that tells their containerds so."""
        host, ready = self._host(site), site.port("registry_ready")
        file = site.folder(self.name) / "config.yml"
        text = f"""version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {site.folder(self.name) / "images"}}}, delete: {{enabled: true}}}}
http: {{addr: "{host}", debug: {{addr: "127.0.0.1:{ready}"}}}}
"""
        write(file, text)
        for name in (host, SHARED):
            hosts = registries(site.plane.folder) / name
            hosts.mkdir(parents=True, exist_ok=True)
            write(hosts / "hosts.toml", f'[host."http://{host}"]\n  capabilities = ["pull", "resolve"]\n')
        env = {SETTINGS: hashlib.sha256(text.encode()).hexdigest()}
        return [Process(self.name, [program(self.name), "serve", str(file)], ready, env)]

    def unready(self, site: Site) -> str:
        return ""

    def clean_up(self, site: Site) -> None:
        """It leaves nothing."""

    def _host(self, site: Site) -> str:
        return f"{site.address}:{site.port('registry')}"
