"""SLW965 to SLW967: what a release's objects are rendered from."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

ALL = (
    ErrorCode(
        "SLW965",
        "the source of a release cannot be rendered",
        "Its manifests, kustomization or chart are missing at the commit, malformed, or beyond a limit.",
        "Correct what the message names; `sluiceway render` shows the result before a release.",
    ),
    ErrorCode(
        "SLW966",
        "a release may not have what its source gives",
        "What reaches beyond a release's own pods is the registered environment's to allow, never a commit's.",
        "Remove it from the source, or have the environment allow it by name: docs/releases-on-kubernetes.md.",
    ),
    ErrorCode(
        "SLW967",
        "this worker cannot render the source",
        "The program is not installed, or the machine cannot keep it from the network and from other files.",
        "Install the program on the worker's PATH; a kernel with Landlock and user namespaces is needed for it.",
    ),
)
