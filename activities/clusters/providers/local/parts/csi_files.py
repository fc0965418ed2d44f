"""A CSI driver whose volumes are files of this machine, with the controllers that the field runs beside a driver."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import yaml

from activities.clusters.processes import program
from activities.clusters.providers.local import linux_host as machine
from activities.clusters.providers.local.host_node import HostNode
from activities.clusters.providers.local.parts.port import Process, Site
from domain.clusters.beside import file_volumes as api
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError

BUILT = "csi-v1"
CONTROLLER = "snapshot-controller"
ALONE = "--feature-gates=CSIVolumeGroupSnapshot=false"
"""Else both of snapshots wait half a minute at their start for the kinds of groups of snapshots."""
SIDECARS = {"csi-provisioner": (), "csi-resizer": (), "csi-snapshotter": (ALONE,)}
"""With what each is told beside its addresses."""
NEEDED = ("mkfs.xfs", "xfs_growfs", "losetup", "blkid")
LOOPS = Path("/dev/loop-control")


class CsiFiles:
    """One controller on this machine, and one driver for each node, which mounts files as loop devices."""

    name = "csi-files"

    def blocker(self, site: Site) -> str:
        """It needs XFS, which grows while it is mounted, and loop devices."""
        try:
            for one in (self.name, *SIDECARS, CONTROLLER):
                _built(site, one)
            for one in NEEDED:
                program(one)
        except SluicewayError as missing:
            return f"{missing.what}; to fix it: {missing.fix}"
        return "" if LOOPS.exists() else "this machine has no loop devices; to fix it: modprobe loop"

    def objects(self, site: Site) -> Sequence[Object]:
        """Snapshots as the snapshot controller defines them; the driver, its classes and rights."""
        files = sorted((site.plane.tools / BUILT).glob("*.yaml"))
        definitions = [yaml.load(file.read_text(), yaml.CSafeLoader) for file in files]
        return [*definitions, *api.objects(default=not site.spec.storage)]

    def processes(self, site: Site) -> Sequence[Process]:
        """Controllers find the driver by its socket, and each kubelet by the one in its folder of plugins."""
        here, folder = HostNode(site.plane).run, site.folder(self.name)
        here.mkdir(parents=True, exist_ok=True, mode=0o700)
        socket, kubeconfig = here / "csi.sock", site.kubeconfig(self.name, api.USER)
        driver, known, there = _built(site, self.name), f"--kubeconfig={kubeconfig}", f"--csi-address={socket}"
        return [
            Process(self.name, [driver, "controller", str(socket), str(folder)]),
            *(Process(_as(one), [_built(site, one), known, there, *more]) for one, more in SIDECARS.items()),
            Process(_as(CONTROLLER), [_built(site, CONTROLLER), known, ALONE]),
            *(self._of_node(driver, folder, node) for node in site.nodes),
        ]

    def _of_node(self, driver: str, folder: Path, node: HostNode) -> Process:
        socket = node.root / "plugins" / api.DRIVER / "csi.sock"
        told = node.root / "plugins_registry" / f"{api.DRIVER}-reg.sock"
        for one in (socket, told):
            one.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        return Process(_as("node"), [driver, "node", str(socket), str(folder), node.name, str(told)], node=node)

    def unready(self, site: Site) -> str:
        """Whether every kubelet has found its driver."""
        nodes = {
            Node(one).at("metadata", "name").text(): one for one in site.kube.items("storage.k8s.io/v1", "CSINode")
        }
        for node in site.nodes:
            drivers = Node(nodes.get(node.name)).at("spec", "drivers")
            if api.DRIVER not in [one["name"].text() for one in drivers]:
                return f"the kubelet of {node.name} has not found the driver of volumes yet"
        return ""

    def clean_up(self, site: Site) -> None:
        """Its sockets. The files go with the cluster's folder, and mounts with their node."""
        here = HostNode(site.plane)
        machine.unmount(here.run)
        shutil.rmtree(here.run, ignore_errors=True)


def _as(name: str) -> str:
    return f"{CsiFiles.name}-{name.removeprefix('csi-')}"


def _built(site: Site, name: str) -> str:
    return program(name, site.plane.tools / BUILT)
