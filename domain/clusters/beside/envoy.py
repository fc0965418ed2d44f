"""The settings that an Envoy of Istio starts with: who it is, where its configuration comes from, where it is counted.

Source: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.clusters.parts import DOMAIN
from domain.core.documents import Manifest
from domain.core.values import Json

LOOPBACK = "127.0.0.1"
ISTIO = "1.31.0"
"""Which Istio it says that it fits."""
STATS = "/stats/prometheus"
_TYPES = "type.googleapis.com/envoy.extensions"
_NET, _HTTP = f"{_TYPES}.filters.network.http_connection_manager.v3", f"{_TYPES}.filters.http.router.v3.Router"
_TAGS = (
    ("cluster_name", r"^cluster(\.(.+);)"),
    ("response_code_class", r"_rq(_(\dxx))$"),
    ("response_code", r"_rq(_(\d{3}))$"),
)
"""Parts of a counter's name that become labels, as Istio's agent names them; it ends the name of a cluster by `;`."""


@dataclass(frozen=True)
class Proxy:
    """One process. `where`: its address in the network of the nodes; the other ports but `metrics` are on loopback."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    where: str
    metrics: int
    discovery: int
    """Port of Istio's control plane."""
    admin: int


def bootstrap(proxy: Proxy, buckets_s: Sequence[float]) -> Manifest:
    """As JSON, which Envoy reads as it does YAML. `buckets_s`: of its latency histograms, in seconds.

    Its histograms change with each flush; every 5 seconds is usual, and as late as that the judge would see latencies.
    """
    ads: Manifest = {"ads": {}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"}
    discovery: Manifest = {
        "api_type": "GRPC",
        "transport_api_version": "V3",
        "grpc_services": [{"envoy_grpc": {"cluster_name": "istio"}}],
    }
    return {
        "node": _node(proxy),
        "admin": {"address": _at(LOOPBACK, proxy.admin)},
        "dynamic_resources": {"ads_config": discovery, "cds_config": ads, "lds_config": ads},
        "static_resources": {
            "clusters": [_cluster("istio", proxy.discovery, http2=True), _cluster("admin", proxy.admin)],
            "listeners": [_counters(proxy)],
        },
        "stats_flush_interval": "1s",
        "stats_config": {
            "use_all_default_tags": False,
            "stats_tags": [{"tag_name": name, "regex": regex} for name, regex in _TAGS],
            "histogram_bucket_settings": [
                {"match": {"suffix": "upstream_rq_time"}, "buckets": [round(one * 1000, 3) for one in buckets_s]}
            ],
        },
    }


def _node(proxy: Proxy) -> Manifest:
    """Istio reads address, namespace and labels of a proxy from its name and what it tells of itself."""
    return {
        "id": f"router~{proxy.where}~{proxy.name}.{proxy.namespace}~{proxy.namespace}.svc.{DOMAIN}",
        "cluster": f"{proxy.name}.{proxy.namespace}",
        "metadata": {
            "NAMESPACE": proxy.namespace,
            "LABELS": dict(proxy.labels),
            "CLUSTER_ID": "Kubernetes",
            "ISTIO_VERSION": ISTIO,
        },
    }


def _at(address: str, port: int) -> Manifest:
    return {"socket_address": {"address": address, "port_value": port}}


def _cluster(name: str, port: int, *, http2: bool = False) -> Manifest:
    """A program on loopback."""
    endpoint: Manifest = {"endpoint": {"address": _at(LOOPBACK, port)}}
    one: Manifest = {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    if http2:
        key = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
        kind = f"{_TYPES}.upstreams.http.v3.HttpProtocolOptions"
        alive: Manifest = {"connection_keepalive": {"interval": "5s", "timeout": "5s"}}
        spoken: Manifest = {"@type": kind, "explicit_http_config": {"http2_protocol_options": alive}}
        one["typed_extension_protocol_options"] = {key: spoken}
    return one


def _counters(proxy: Proxy) -> Manifest:
    """The page of counters, and nothing else of the admin interface, for whoever releases to the cluster."""
    only: Json = [{"match": {"path": STATS}, "route": {"cluster": "admin"}}]
    manager: Manifest = {
        "@type": f"{_NET}.HttpConnectionManager",
        "stat_prefix": "counters",
        "route_config": {"virtual_hosts": [{"name": "counters", "domains": ["*"], "routes": only}]},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {"@type": _HTTP}}],
    }
    filters: list[Json] = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {"name": "counters", "address": _at(proxy.where, proxy.metrics), "filter_chains": [{"filters": filters}]}
