"""The parts of the console, in the order of its menu."""

from __future__ import annotations

from dataclasses import dataclass

from workers.console.marks import N_


@dataclass(frozen=True)
class Entry:
    """One entry of the menu. A page names it by `key` (`{% set nav = "runs" %}`)."""

    key: str
    path: str
    label: str
    icon: str


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("home", "/", N_("Overview"), "home"),
            Entry("inbox", "/inbox", N_("Inbox"), "inbox"),
        ),
    ),
    (
        N_("Build"),
        (
            Entry("runs", "/runs", N_("Runs"), "runs"),
            Entry("pipelines", "/pipelines", N_("Pipelines"), "pipelines"),
            Entry("findings", "/findings", N_("Findings"), "findings"),
            Entry("definitions", "/definitions", N_("Definitions"), "definitions"),
        ),
    ),
    (
        N_("Deliver"),
        (
            Entry("releases", "/releases", N_("Releases"), "releases"),
            Entry("environments", "/environments", N_("Environments"), "environments"),
            Entry("queues", "/queues", N_("Queues"), "queues"),
            Entry("exec", "/exec", N_("Exec sessions"), "terminal"),
        ),
    ),
    (
        N_("Clusters"),
        (
            Entry("fleet", "/fleet", N_("Fleet"), "fleet"),
            Entry("clusters", "/clusters", N_("Clusters"), "clusters"),
            Entry("namespaces", "/namespaces", N_("Namespaces"), "namespaces"),
            Entry("topology", "/topology", N_("Topology"), "topology"),
            Entry("services", "/services", N_("Services"), "services"),
            Entry("objects", "/objects?kind=Pod", N_("Pods, workloads"), "pods"),
            Entry("pods", "/pods", N_("Started pods"), "runs"),
            Entry("networks", "/networks", N_("Networks"), "networks"),
            Entry("volumes", "/volumes", N_("Volumes"), "volumes"),
            Entry("quotas", "/quotas", N_("Quotas"), "quotas"),
            Entry("events", "/events", N_("Events"), "events"),
            Entry("requests", "/requests", N_("Requests"), "requests"),
        ),
    ),
    (
        N_("Administration"),
        (
            Entry("people", "/people", N_("People"), "people"),
            Entry("access", "/access", N_("Access"), "access"),
            Entry("audit", "/audit", N_("Audit"), "audit"),
        ),
    ),
)
