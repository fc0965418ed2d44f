"""The phases of a cluster."""

from enum import StrEnum


class Phase(StrEnum):
    """The phases in the order of creation. Deletion and cleanup run backwards."""

    PREFLIGHT = "preflight"
    NETWORK = "network"
    CONTROL_PLANE = "control-plane"
    NODES = "nodes"
    NETWORK_PLUGIN = "network-plugin"
    STORAGE = "storage"
    ADD_ONS = "add-ons"
    TENANTS = "tenants"
    VERIFICATION = "verification"
