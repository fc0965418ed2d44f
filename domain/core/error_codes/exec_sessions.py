"""Errors of exec sessions: commands of people in containers."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

EXEC: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW461",
        "too many exec sessions are open",
        "A person has a few at once, and so has the installation: each is watched and recorded.",
        "End one: `sluiceway exec list` shows them, `sluiceway exec end ID` ends one.",
    ),
    ErrorCode(
        "SLW462",
        "the exec session has ended",
        "Its command ended, or somebody ended it, or its login, its right or its time was over.",
        "`sluiceway exec show ID` says how it ended; ask for another one.",
    ),
    ErrorCode(
        "SLW463",
        "this is no command in a container",
        "A session names a cluster, a namespace, a pod and a container as Kubernetes writes names, a command of a"
        " bounded length, and the reason for it.",
        "Correct what the message names.",
    ),
    ErrorCode(
        "SLW464",
        "there is no such exec session",
        "Nobody has opened one with this id, or you may not see it, or its recording is not kept any more.",
        "`sluiceway exec list` shows those that you may see.",
    ),
    ErrorCode(
        "SLW465",
        "the ticket opens no exec session",
        "A ticket opens one session within half a minute, for who asked for it, from the same login and address. It is"
        " used up by the first try, whatever comes of it.",
        "Ask for a session again.",
    ),
)
"""SLW461 to SLW465."""
