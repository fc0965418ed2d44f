"""Errors of the API and of a client far away."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

REMOTE: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW479",
        "there is no such page of a list",
        "A list comes in pages of 1 to 200 rows. What names the next one is made with the page before it, and fits"
        " only the same list with the same filter.",
        "Begin at the first page, and pass on what it gives as `next`, unchanged.",
    ),
    ErrorCode(
        "SLW470",
        "the server does not answer",
        "No connection to it is possible, it took too long, or it said several times that it is busy.",
        "Check the address (`--server`, SLUICEWAY_SERVER or that of the last login) and the network.",
    ),
    ErrorCode(
        "SLW471",
        "the request cannot be understood",
        "Its address, a parameter, a header or its body is not what the API describes.",
        "`/api/v1/openapi.json` of the server describes every request; the message names the field.",
    ),
    ErrorCode(
        "SLW472",
        "there is no such thing here",
        "The server has no page or route at this address, or not for this method.",
        "Check the address. An older server lacks what a newer client asks for: compare their versions.",
    ),
    ErrorCode(
        "SLW473",
        "the request has no Idempotency-Key",
        "A request that changes something may be sent twice by a network. The key makes the second one the same"
        " request.",
        "Send the header Idempotency-Key with 1 to 128 visible characters, new for each intent.",
    ),
    ErrorCode(
        "SLW474",
        "the request does not say what it decides about",
        "A decision is valid for exactly what was looked at. Its header If-Match holds that digest.",
        "Get the approval, and send its ETag as If-Match.",
    ),
    ErrorCode(
        "SLW475",
        "the address of the server is not safe",
        "What proves who you are would cross the network for everybody to read, or the address names more than a"
        " server.",
        "Use an address that begins with https://; http:// is for this machine only.",
    ),
    ErrorCode(
        "SLW476",
        "you are not logged in to this server",
        "It knows no valid credentials for you: there are none, or they have ended or were revoked.",
        "Log in to the server again; a machine needs a token that is valid.",
    ),
    ErrorCode(
        "SLW477",
        "this command works only on the engine's own machine",
        "It touches files, processes or keys of that machine, and no server does that for somebody far away.",
        "Run it there, without --server and with SLUICEWAY_SERVER unset.",
    ),
    ErrorCode(
        "SLW478",
        "the server's answer cannot be understood",
        "It is no Sluiceway server, a proxy answers for it, or its version is far from this client's.",
        "Check the address, and compare the versions of client and server.",
    ),
)
"""SLW470 to SLW479."""
