"""SLW94x and SLW95x: clusters, their pods and volumes."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

ALL = (
    ErrorCode(
        "SLW941",
        "a program for local clusters is not installed",
        "A local cluster runs the programs of Kubernetes on this machine.",
        "Run the command that the message names; docs/providers.md lists them.",
    ),
    ErrorCode(
        "SLW942",
        "a process or node of a cluster did not start",
        "Its last words are in the message. It is tried again.",
        "Correct what they name; often a port, a kernel module or memory is missing.",
    ),
    ErrorCode(
        "SLW943",
        "the API server of a cluster does not do what was asked",
        "It does not answer, or refuses; its HTTP status and its words are in the message.",
        "Check the kubeconfig, the network, and the permissions of its user.",
    ),
    ErrorCode(
        "SLW944",
        "the cluster does not know a kind of object",
        "The custom resource definition behind it is not installed.",
        "Install the operator that brings it.",
    ),
    ErrorCode(
        "SLW945",
        "there is no such cluster provider",
        "The worker is set up without the provider that the cluster names.",
        "Use a provider that the message lists.",
    ),
    ErrorCode(
        "SLW946",
        "an add-on cannot be installed",
        "Its manifests or its chart are missing or broken, or the cluster does not take them.",
        "Get the add-on's files again; docs/clusters.md shows where they lie.",
    ),
    ErrorCode(
        "SLW947",
        "a command on the host failed",
        "Networks and namespaces of local clusters are made by commands that need privileges.",
        "Run the engine as root, or give it the capabilities that docs/providers.md lists.",
    ),
    ErrorCode(
        "SLW948",
        "a cluster does not take a change",
        "Its state, its provider or its pools do not allow it.",
        "See its state with `sluiceway cluster show`.",
    ),
    ErrorCode(
        "SLW949",
        "a cluster is not ready",
        "It is being created or deleted, or has failed.",
        "See why with `sluiceway cluster show`, and wait or delete it.",
    ),
    ErrorCode(
        "SLW951",
        "a pod or cluster does not go away",
        "A finalizer holds it, or its node does not answer. Removal is tried again.",
        "Remove the finalizer if its controller is gone for good.",
    ),
    ErrorCode(
        "SLW952",
        "there is no such cluster",
        "No cluster of this name was created or registered here.",
        "See `sluiceway cluster list`; create or register it.",
    ),
    ErrorCode(
        "SLW953",
        "a job's files did not reach its pod, or did not come back",
        "The connection to the pod broke, or its image lacks the programs that unpack them.",
        "Use an image with /bin/sh, head and tar.",
    ),
    ErrorCode(
        "SLW954",
        "a job can never fit into its namespace",
        "It asks for more than the whole resource quota.",
        "Ask for less in `resources`, or raise the ResourceQuota.",
    ),
    ErrorCode(
        "SLW955",
        "an action on a volume was not carried out",
        "The volume's state or its storage class does not allow it, or it did not end in time.",
        "Change what the message names; docs/volumes.md lists the conditions.",
    ),
    ErrorCode(
        "SLW956",
        "an operation of this name is already under way",
        "Names of clusters, pods and volumes are used once at a time.",
        "Wait for it, or cancel it.",
    ),
    ErrorCode(
        "SLW957",
        "a provisioning tool failed",
        "kind or Terraform ended with an error, or took too long; its last words are in the message.",
        "Correct what they name; the whole log is where the message says.",
    ),
    ErrorCode(
        "SLW959",
        "a pod of the network probe does not answer",
        "It did not start, or its container ended.",
        "See the pod with `sluiceway pod show`.",
    ),
)
