"""SLW86x to SLW88x: releases, approvals, identities and signatures."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

RELEASES = (
    ErrorCode(
        "SLW860",
        "no Gateway can carry the service's traffic",
        "The environment's Gateway is missing, not programmed by its controller, or has no listener for the host.",
        "Look at it with `kubectl describe gateway`, and at the environment with `sluiceway environment show`.",
    ),
    ErrorCode(
        "SLW861",
        "the router did not start",
        "Its port is in use, or its program is missing; its last output is in the message.",
        "Free the port, or set another one, then run `sluiceway up` again.",
    ),
    ErrorCode(
        "SLW862",
        "the router rejects a route",
        "It rejects the configuration, or did not confirm it in time. Traffic stays where it was.",
        "See `router/service.log` in the engine's home.",
    ),
    ErrorCode(
        "SLW863",
        "unknown release target, or it cannot execute the action",
        "The worker is set up without the target that the deployment names.",
        "Use a target that the message lists, or start a worker that has it.",
    ),
    ErrorCode(
        "SLW864",
        "a version was not ready in time",
        "Its readiness probe did not succeed within the limit; its last lines of output are in the message.",
        "Correct the version or its probe, or raise `readiness: {timeout: …}`.",
    ),
    ErrorCode(
        "SLW865",
        "a version is not running",
        "Its processes were stopped or crashed before traffic could be sent to it.",
        "Release the version again.",
    ),
    ErrorCode(
        "SLW866",
        "a version did not stop",
        "Its processes ignored SIGTERM, and could not be killed in time.",
        "Look for processes in uninterruptible sleep on the worker's machine.",
    ),
    ErrorCode(
        "SLW867",
        "there is no previous version to roll back to",
        "The service has had only one version in this environment.",
        "Release a good version instead.",
    ),
    ErrorCode(
        "SLW868",
        "there is no such release",
        "No release of this service, environment or number is recorded.",
        "Look it up in `sluiceway release list`.",
    ),
    ErrorCode(
        "SLW869",
        "the router's counters cannot be read",
        "Its metrics endpoint does not answer, or what Prometheus has of it is missing, too old or there twice."
        " The judge waits, and counts nothing meanwhile.",
        "Check that the router runs: `sluiceway status`, in a cluster its pods and who scrapes them.",
    ),
    ErrorCode(
        "SLW870",
        "a listener does not serve a service's host by TLS",
        "Its certificate is missing, has ended, or is for other names, or its controller refuses the listener.",
        "Renew the certificate, or name another Secret at the listener: `kubectl describe gateway`.",
    ),
    ErrorCode(
        "SLW877",
        "the router lacks what a release asks of it",
        "Its class says which features it has (`status.supportedFeatures`), and these are not among them.",
        "Leave them out of `routing`, or use a Gateway of another class.",
    ),
    ErrorCode(
        "SLW878",
        "the data plane does not show a change of traffic",
        "A router process did not load the route, or does not reach the version. Nothing is taken away meanwhile.",
        "Look at the router's pods and their log; the change is tried again.",
    ),
    ErrorCode(
        "SLW879",
        "two workers changed a route at the same moment",
        "Each writes over what it has read, so the second one has to read again.",
        "Nothing; it is tried again. If it persists, look for another engine with the same service and namespace.",
    ),
    ErrorCode(
        "SLW881",
        "a source of metrics does not answer",
        "Without counters the judge cannot decide, so the release holds and then rolls back.",
        "Check its address, and that it is running.",
    ),
    ErrorCode(
        "SLW882",
        "Prometheus refuses a query",
        "The query is not valid PromQL, or too expensive; Prometheus's message is included.",
        "Correct the query in `analysis: {metrics: …}`, or the labels in `counters` of the registered environment.",
    ),
    ErrorCode(
        "SLW883",
        "a release refuses a command",
        "For example, a release that has ended cannot be paused.",
        "Look at its state with `sluiceway release show`.",
    ),
    ErrorCode(
        "SLW884",
        "a release is still in progress",
        "It can be explained once it has ended.",
        "Follow it with `sluiceway release watch`.",
    ),
)

TRUST = (
    ErrorCode(
        "SLW871",
        "the private key of an identity is not here",
        "Decisions are signed, and this machine holds no key of that name.",
        "Create one with `sluiceway identity add`, or decide on the machine that has the key.",
    ),
    ErrorCode(
        "SLW872",
        "a decision is malformed",
        "It was not made by this program's client, or is about something else.",
        "Use `sluiceway approve` or `sluiceway reject`.",
    ),
    ErrorCode(
        "SLW873",
        "nothing waits for an approval",
        "It was decided already, has expired, or was cancelled.",
        "See what the run waits for with `sluiceway show RUN`.",
    ),
    ErrorCode(
        "SLW874",
        "several approvals are pending, and the decision names none of them",
        "A decision is about exactly one of them.",
        "Say which with `--job`, or name the release.",
    ),
    ErrorCode(
        "SLW875",
        "a decision does not count",
        "A rule of the approval excludes it: for example, authors may not approve their own change.",
        "Ask somebody whom the rules allow; docs/approvals.md lists them.",
    ),
    ErrorCode(
        "SLW876",
        "there is no such identity",
        "Nobody of this name is registered here: the name is wrong, or it was removed.",
        "List them with `sluiceway identity list`.",
    ),
    ErrorCode(
        "SLW880",
        "the signing key cannot be used",
        "The file is unreadable, or holds no private key on an elliptic curve.",
        "Restore the key file from a backup; a new key does not verify old signatures.",
    ),
)
