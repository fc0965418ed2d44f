"""SLW010 to SLW019, SLW034 and SLW047 to SLW049: permits and the signer."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

PERMITS: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW010",
        "the signer does not answer",
        "Its process was stopped or cannot start. Nothing is run or released without it; work waits, and goes on.",
        "`sluiceway up` starts it; `engine/signer/service.log` in the home says why it stopped.",
    ),
    ErrorCode(
        "SLW011",
        "no plan was read for this run",
        "The engine did not begin the run: somebody else has started its workflow, changed its plan, or it has ended.",
        "Start a run with `sluiceway run` or by a push.",
    ),
    ErrorCode(
        "SLW012",
        "what is to be done is not what the plan says",
        "The signer compares each job, deployment and secret with the plan that was read for the run.",
        "Somebody has changed a message between the engine's processes: look at `sluiceway signer log`.",
    ),
    ErrorCode(
        "SLW013",
        "no signed decisions allow this",
        "An approval counts by signatures of people, not by a workflow's result. They are missing or do not fit.",
        "Let those who may approve it sign: `sluiceway approve RUN`.",
    ),
    ErrorCode(
        "SLW014",
        "no signed verdict of a gate allows this",
        "A gate counts by the verdict that the engine signed for this run and commit, not by the result of its job.",
        "Run the gate again: `sluiceway rerun RUN`.",
    ),
    ErrorCode(
        "SLW015",
        "this deployment was not permitted",
        "Its artifact is not among what was approved, its name belongs to another, or its job has released already.",
        "Start a new run, and approve what it has built.",
    ),
    ErrorCode(
        "SLW016",
        "the permit does not fit",
        "It was made for another effect, has expired, or is not signed by this home's signer.",
        "Ask again; if it happens again, somebody answers in the place of the signer: check who owns `signer/socket`.",
    ),
    ErrorCode(
        "SLW017",
        "a key of the signer is not there",
        "It was deleted, moved or replaced. A new one is never made in its place: nobody would notice.",
        "Restore the folder `signer` of the home from a backup.",
    ),
    ErrorCode(
        "SLW018",
        "the signer's log cannot be used",
        "A line was changed or removed, the disk is full, or the file belongs to another user.",
        "`sluiceway signer verify` names the line. Restore the log from a backup; free the disk if it is full.",
    ),
    ErrorCode(
        "SLW019",
        "the signer does not sign this",
        "It signs permits and the engine's own kinds of statements, and speaks to the user that it runs as.",
        "Run the command as the user of the engine.",
    ),
    ErrorCode(
        "SLW034",
        "nobody has ordered this in a cluster",
        "A cluster changes by a command of somebody on the engine's machine, or as the plan of a run says. "
        "What was asked for is neither, or another cluster than was ordered.",
        "Give the command there: `sluiceway cluster create FILE`, `cluster delete NAME` or `pod run`.",
    ),
    ErrorCode(
        "SLW049",
        "the signer does not take this order for a cluster",
        "A server gives it for a person. What makes, changes or destroys a cluster, lets it repair itself, or deletes"
        " data counts by the signature of that person's own confirmed key: once, for ten minutes, over exactly this.",
        "Look at the plan again and sign it, with a passkey or `sluiceway --server URL cluster ...`.",
    ),
    ErrorCode(
        "SLW047",
        "the signer does not let a release have an image",
        "It is not named by its digest, or lacks a signed statement that the registered environment demands. The"
        " signer reads the rendered objects and the statements itself, beside the admission of the engine.",
        "Build and scan the image as the environment demands; `sluiceway verify` says what is missing.",
    ),
    ErrorCode(
        "SLW048",
        "the signer does not let a release go forward outside of its windows",
        "A window of the environment or of the definition is closed, or a freeze lasts, and nobody has signed that this"
        " release may pass. Going back is never refused for this.",
        "Wait until the window opens, or ask for `sluiceway release override`.",
    ),
)
