"""SLW94x, SLW95x and SLW97x: clusters, their pods and volumes, and what is asked of them."""

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
        "Its last output is in the message. It is retried.",
        "Correct the cause shown there; often a port, a kernel module or memory is missing.",
    ),
    ErrorCode(
        "SLW943",
        "the API server of a cluster refused a request or did not answer",
        "The message has its HTTP status and its reason.",
        "Check the kubeconfig, the network, and the permissions of its user.",
    ),
    ErrorCode(
        "SLW944",
        "the cluster does not know a kind of object",
        "Its custom resource definition is not installed.",
        "Install the operator that defines it.",
    ),
    ErrorCode(
        "SLW945",
        "unknown cluster provider",
        "The worker is set up without the provider that the cluster names.",
        "Use a provider that the message lists.",
    ),
    ErrorCode(
        "SLW946",
        "an add-on cannot be installed",
        "Its manifests or its chart are missing or broken, or the cluster rejects them.",
        "Get the add-on's files again; docs/clusters.md shows where they belong.",
    ),
    ErrorCode(
        "SLW947",
        "a command on the host failed",
        "Networks and namespaces of local clusters need privileged commands.",
        "Run the engine as root, or give it the capabilities that docs/providers.md lists.",
    ),
    ErrorCode(
        "SLW948",
        "a cluster refuses a change",
        "Its state, its provider or its pools do not allow it.",
        "See its state with `sluiceway cluster show`.",
    ),
    ErrorCode(
        "SLW958",
        "the plan of a cluster is another one by now",
        "The cluster, its definition or what is lost with it has changed since the plan was shown. Nothing was begun.",
        "Look at the plan again, and begin what it says now.",
    ),
    ErrorCode(
        "SLW949",
        "a cluster is not ready",
        "It is being created or deleted, or has failed.",
        "See why with `sluiceway cluster show`, and wait or delete it.",
    ),
    ErrorCode(
        "SLW951",
        "a pod or cluster cannot be deleted",
        "A finalizer blocks it, or its node does not answer. The deletion is retried.",
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
        "a job's files could not be copied to or from its pod",
        "The connection to the pod broke, or its image lacks the programs that unpack them.",
        "Use an image with /bin/sh, head and tar.",
    ),
    ErrorCode(
        "SLW954",
        "a job can never fit into its namespace",
        "It requests more than the whole resource quota.",
        "Request less in `resources`, or raise the ResourceQuota.",
    ),
    ErrorCode(
        "SLW955",
        "an action on a volume was not carried out",
        "The volume's state or its storage class does not allow it, or it did not finish in time.",
        "Change what the message names; docs/volumes.md lists the conditions.",
    ),
    ErrorCode(
        "SLW956",
        "an operation on this name is already in progress",
        "A cluster, pod or volume allows one operation at a time.",
        "Wait for it, or cancel it.",
    ),
    ErrorCode(
        "SLW957",
        "a provisioning tool failed",
        "kind or Terraform failed, or took too long; its last output is in the message.",
        "Correct the cause shown there; the message names the complete log.",
    ),
    ErrorCode(
        "SLW959",
        "a pod of the network probe does not answer",
        "It did not start, or its container exited: whether policies are enforced is not known.",
        "Correct what the message names: the namespace, its quota, or the image.",
    ),
    ErrorCode(
        "SLW974",
        "the cluster's own RBAC does not let a person do this",
        "The cluster was registered with --impersonate, so people act in it under their own names: sluiceway:NAME, with"
        " their groups. No RoleBinding there allows this to them. What they may do here does not matter to it.",
        "Ask an administrator of the cluster for a RoleBinding; the message has a command that makes one.",
    ),
    ErrorCode(
        "SLW975",
        "the cluster does not let the engine act as a person",
        "People act in it under their own names, for which the engine's credential there needs the verb impersonate on"
        " users and groups. The engine does nothing under its own name instead.",
        "Give it a ClusterRole, as docs/clusters.md shows, or register the cluster without --impersonate.",
    ),
    ErrorCode(
        "SLW976",
        "a cluster cannot be told who acts in it",
        "People act in it under their own names, and this name has characters that no header of HTTP can hold, or is"
        " too long, or is nobody's.",
        "Register the person under a name of letters, digits and . _ @ + -.",
    ),
    ErrorCode(
        "SLW971",
        "this cannot be asked of a cluster",
        "The message says what is wrong with the request, or why the cluster cannot do it whoever agrees.",
        "Correct what the message names; docs/requests.md says what can be asked for.",
    ),
    ErrorCode(
        "SLW972",
        "there is no such request",
        "None has this id, or it is about a cluster that you may not read.",
        "`sluiceway request list` shows those that you may read.",
    ),
    ErrorCode(
        "SLW973",
        "the request cannot be withdrawn or ended",
        "It has ended, or it ends already.",
        "`sluiceway request show CLUSTER/N` says how far it is.",
    ),
    ErrorCode(
        "SLW977",
        "this is not done in a cluster that dials out",
        "It cannot be reached from here. The worker in it does this for nobody, or whoever owns the cluster has let it"
        " do less: watch, or read.",
        "Apply a manifest that lets it do more (`sluiceway cluster manifest NAME --may act`), or do it in the cluster.",
    ),
    ErrorCode(
        "SLW978",
        "what a cluster's worker tells is refused",
        "It tells about another cluster, or what no worker of this engine would say. The message names it.",
        "Run the same version in the cluster as here; if it goes on, revoke its token and look at who has it.",
    ),
    ErrorCode(
        "SLW979",
        "this is for the worker in a cluster that dials out",
        "It needs a token that was made for exactly this cluster, and for nothing else.",
        "Make the token with `sluiceway cluster manifest NAME`; docs/how-to/cluster-that-dials-out.md shows all steps.",
    ),
    ErrorCode(
        "SLW980",
        "a cluster's worker tells more than is taken",
        "Requests, rows and warnings of a cluster that dials out are counted a minute, so that one cluster holds up no"
        " other one. The answer says when more is taken.",
        "Nothing is lost: its worker waits, and tells the newest state. If it goes on, look at what changes so often.",
    ),
    ErrorCode(
        "SLW981",
        "the worker in a cluster and its server do not understand each other",
        "They are of versions that tell in different ways. The message names both.",
        "Update the older one: first the server, then the image and the manifest of the worker.",
    ),
    ErrorCode(
        "SLW982",
        "the worker in a cluster does not answer",
        "It asks for no work, or it was given this and has not said what came of it. Nothing is asked twice.",
        "`sluiceway fleet cluster NAME` says when it was last heard of. Look whether it was done, then try again.",
    ),
    ErrorCode(
        "SLW983",
        "a message for the worker in a cluster, or from it, cannot be used",
        "It is larger than such a message can be, or it is none of this engine.",
        "Ask for less at once; run the same version in the cluster as here.",
    ),
)
