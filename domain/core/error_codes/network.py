"""Errors of the network of jobs: what they may reach, and what they tried to."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

NETWORK: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW033",
        "a job asked its proxy for a host or a port that it may not reach",
        "With the network `proxy`, only the hosts of SLUICEWAY_JOB_HOSTS or of a policy are let through, by name"
        " and at their ports. An address in place of a name is none of them.",
        "If the job needs it, let an administrator add `NAME` or `NAME:PORT` to the list.",
    ),
    ErrorCode(
        "SLW037",
        "a host that a job may reach leads to an address that it may not",
        "All addresses of the name are of this machine, of a private network, or of a cloud's metadata. A name that"
        " somebody else manages could otherwise lead into them.",
        "If the host belongs there, let an administrator add its range to SLUICEWAY_JOB_ADDRESSES. Addresses of"
        " metadata are never let through.",
    ),
    ErrorCode(
        "SLW035",
        "a request to the proxy of a job is malformed",
        "It is not HTTP/1.1, not addressed to a proxy, or could be read in two ways: two lengths, two hosts, a header"
        " that is folded. Such requests carry others past whoever checks them.",
        "Programs that use `HTTP_PROXY` and `HTTPS_PROXY` send nothing of that kind: look at what the step does.",
    ),
    ErrorCode(
        "SLW036",
        "a job asks more of its proxy than it may",
        "It opened too many connections at a time, or took too long to say what it wants.",
        "Open fewer connections at a time.",
    ),
    ErrorCode(
        "SLW038",
        "the pod of a job may not reach the machines of its cluster or their metadata",
        "`allow` names an address of a node, or one where clouds keep what a machine may do: with it, a job becomes the"
        " machine. Wider ranges are allowed without these addresses.",
        "Name another range. If a service of a node is what the job needs, let an administrator add its address to"
        " SLUICEWAY_JOB_ADDRESSES; addresses of metadata are never opened.",
    ),
)
