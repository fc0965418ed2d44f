"""Chooses the metric sources of a policy."""

from __future__ import annotations

from collections.abc import Mapping

from activities.releases.cluster_traffic.router import Clusters, no_clusters
from activities.releases.metric_sources.port import MetricSource, Sources
from activities.releases.metric_sources.prometheus import PrometheusSource
from activities.releases.metric_sources.router import RouterSource
from activities.releases.routers.port import Router
from domain.releases.judge.policy import Policy


def sources(routers: Mapping[str, Router], clusters: Clusters = no_clusters) -> Sources:
    """A policy's sources; Prometheus joins the router when a metric has its own query.

    `clusters`: opens one by its name.
    """

    def chosen(policy: Policy) -> list[MetricSource]:
        if policy.source == "prometheus":
            return [PrometheusSource(policy.prometheus, builtin=True)]
        custom = any(metric.events for metric in policy.metrics)
        queried = PrometheusSource(policy.prometheus, builtin=False, clusters=clusters)
        return [RouterSource(routers), *([queried] if custom else [])]

    return chosen
