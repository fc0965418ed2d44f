"""Where a version's requests are counted: by its router's own pods, or by a Prometheus that scrapes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

CLUSTER = "{cluster}"
"""Stands for the name of the cluster, where an environment has several."""
ADDRESS = r"^(https?://[^\s/?#@\\]+(/[^\s?#\\]*)?)?$"
SERVICE = r"^([a-z0-9-]+/[a-z0-9-]+:[a-z0-9-]+)?$"
TOKEN = r"^([a-z0-9-]+/[a-z0-9.-]+)?$"
LABEL = r"^[a-zA-Z_][a-zA-Z0-9_]*$"
COUNTED_BY = (
    "le", "__name__", "code", "response_code", "response_code_class", "envoy_response_code_class", "status_code",
    "classification",
)  # fmt: skip
"""Labels that tell one answer from another: to choose by them would leave failures out."""
LONGEST_WAIT_S = 300.0
"""How much longer an action may take whose counters are those of scrapes: two that are a minute apart, both late."""


@dataclass(frozen=True, kw_only=True)
class Prometheus:
    """A Prometheus, or what answers as one, that scrapes the routers of the environment's clusters."""

    address: str = ""
    """`https://HOST[:PORT][/PATH]`; empty: there is a `service`."""
    service: str = ""
    """`NAMESPACE/NAME:PORT` of the cluster itself, asked through its API server."""
    labels: dict[str, str] = field(default_factory=dict)
    """What the router's series have beside their own labels: by them one cluster, job or replica is chosen."""

    token: str = ""
    """`NAMESPACE/NAME` of a Secret of the cluster with the token that the address asks for; empty: none."""

    def of(self, cluster: str) -> Prometheus:
        """For one of the environment's clusters."""
        labels = {name: value.replace(CLUSTER, cluster) for name, value in self.labels.items()}
        return replace(self, address=self.address.replace(CLUSTER, cluster), labels=labels)

    def complaint(self, several: bool) -> str:
        """Why it cannot be used; empty: it can. `several`: the environment has more than one cluster."""
        if bool(self.address) == bool(self.service):
            return "a Prometheus has an address, or is a service of the cluster: one of both"
        if not (re.fullmatch(ADDRESS, self.address, re.ASCII) and re.fullmatch(SERVICE, self.service, re.ASCII)):
            return "an address is http(s)://HOST:PORT, and a service NAMESPACE/NAME:PORT"
        if self.address and not _has_host(self.address.replace(CLUSTER, "c")):
            return f"{self.address} names no host and port"
        if not re.fullmatch(TOKEN, self.token, re.ASCII):
            return "a token is in a Secret of the cluster: NAMESPACE/NAME"
        if self.token and not self.address.startswith("https://"):
            return "a token is sent to an address of https alone"
        if taken := sorted({*self.labels} & {*COUNTED_BY}):
            return f"{', '.join(taken)} tells answers apart: to choose by it would leave some out"
        if wrong := [name for name in self.labels if not re.fullmatch(LABEL, name, re.ASCII)]:
            return f"{wrong[0][:60]} is no name of a label"
        if several and self.address and CLUSTER not in "".join((self.address, *self.labels.values())):
            return f"the series of several clusters would be one: say {CLUSTER} in its address, or in a label's value"
        return ""


def _has_host(address: str) -> bool:
    try:
        found = urlsplit(address)
        return bool(found.hostname) and found.port != 0
    except ValueError:
        return False
