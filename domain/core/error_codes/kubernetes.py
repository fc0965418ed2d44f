"""SLW961 to SLW964 and SLW968: releases to a cluster."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

ALL = (
    ErrorCode(
        "SLW961",
        "somebody else has changed an object of a release",
        "A field that a release applies has another value by another field manager, which the message names.",
        "Take the change back, or make it in the service's source and release that.",
    ),
    ErrorCode(
        "SLW962",
        "the rendered objects of a release cannot be read",
        "They were not made by the renderer, or are no set of objects around one Deployment.",
        "Run the pipeline again, so that they are rendered again.",
    ),
    ErrorCode(
        "SLW963",
        "the objects of a release are not allowed in its environment",
        "They have a kind or a power that reaches beyond their own pods, and the environment does not allow it.",
        "Leave it out of the source, or have the environment allow it by name; the message says which.",
    ),
    ErrorCode(
        "SLW964",
        "the live version does not work with the schema that a release makes, or a rollback would go below a barrier",
        "A migration has changed the data for good, or would change it under a version that does not know it.",
        "Release a version between them first, or use `strategy: recreate`; the message names both schemas.",
    ),
    ErrorCode(
        "SLW968",
        "a running Deployment cannot be imported, or its import cannot be undone",
        "It is not as it was planned, something else leads to its pods, or a release of the service has come since.",
        "Look at `sluiceway release import SERVICE ... --dry-run`, which names each reason.",
    ),
)
