"""All features of one engine, for one caller."""

from __future__ import annotations

from dataclasses import dataclass

from workers.client.ports.access import Access
from workers.client.ports.approvals import Approvals
from workers.client.ports.audit import Audit
from workers.client.ports.clusters import Clusters
from workers.client.ports.definitions import Definitions
from workers.client.ports.dial_outs import DialOuts
from workers.client.ports.findings import Findings
from workers.client.ports.fleets import Fleets
from workers.client.ports.pods import Pods
from workers.client.ports.policies import Policies
from workers.client.ports.registrations import Registrations
from workers.client.ports.releases import Releases
from workers.client.ports.requests import Requests
from workers.client.ports.runs import Runs
from workers.client.ports.terminals import Terminals
from workers.client.ports.topology import Topologies
from workers.client.ports.volumes import Volumes


@dataclass(frozen=True, kw_only=True)
class Client:
    """What a person, a page or a request asks through; made for one caller."""

    runs: Runs
    approvals: Approvals
    releases: Releases
    findings: Findings
    definitions: Definitions
    access: Access
    audit: Audit
    policies: Policies
    registrations: Registrations
    fleets: Fleets
    topology: Topologies
    volumes: Volumes
    clusters: Clusters
    terminals: Terminals
    requests: Requests
    pods: Pods
    dial_outs: DialOuts
