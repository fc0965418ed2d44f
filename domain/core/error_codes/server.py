"""Errors of the server: where it listens, and which requests it takes."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

SERVER: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW450",
        "the server must not listen there",
        "Beyond this machine, people's cookies and decisions need TLS: the server's own, or that of one proxy which is"
        " named by its address.",
        "Listen on 127.0.0.1, or give --tls-cert and --tls-key, or --trusted-proxy ADDRESS.",
    ),
    ErrorCode(
        "SLW451",
        "the server's URL cannot be used",
        "People come by one origin with a host name of its own. On a bare address or on localhost, every other service"
        " of that address would get their cookies.",
        "Give --url https://NAME, or leave it away on this machine: it is then sluiceway.localhost.",
    ),
    ErrorCode(
        "SLW452",
        "the request is not for this server",
        "Its Host header has another name than the server's URL, as when a page of a stranger points its own name at"
        " this address, or it does not come through the proxy that ends TLS.",
        "Open the server's URL: `sluiceway status` shows it.",
    ),
    ErrorCode(
        "SLW453",
        "the request comes from another page",
        "What changes something, and what opens a WebSocket, must come from a page of this server, or bring a token"
        " instead of a cookie.",
        "Open the page of this server and try again there.",
    ),
    ErrorCode(
        "SLW454",
        "too many tries",
        "Logins, tokens and signatures are counted by principal and by the network that they come from: the answer"
        " says when the next one is possible.",
        "Wait, and try again.",
    ),
    ErrorCode(
        "SLW455",
        "too many streams are open",
        "A caller, and a server, keep a limited number of live streams: each page has one for all that it shows.",
        "Close pages that you do not need, or start another server.",
    ),
    ErrorCode(
        "SLW456",
        "this Idempotency-Key was another request's",
        "A key belongs to one request of one caller for a day: its method, path and body must be the same again.",
        "Use a new key for a new request.",
    ),
    ErrorCode(
        "SLW457",
        "the first request with this Idempotency-Key is still under way",
        "Two requests with one key are the same request; the second one gets the answer of the first.",
        "Wait a moment and send it again, with the same key.",
    ),
    ErrorCode(
        "SLW458",
        "the Temporal UI is read only here",
        "What goes to Temporal past the engine is neither decided nor recorded. Only a decision that is signed by its"
        " approver passes, as the update or signal of an approval or of a release that asks.",
        "Use the console or the command line; decide with `sluiceway decide`.",
    ),
    ErrorCode(
        "SLW459",
        "the certificate of the server cannot be used",
        "The files of --tls-cert and --tls-key are both needed, must be readable, and belong together.",
        "Give a PEM file with the certificate and its chain, and one with its private key.",
    ),
    ErrorCode(
        "SLW460",
        "this was done, and its answer is lost",
        "The server that did it ended before it could answer; what it changed is recorded, and is not done twice.",
        "Look at the list of what you asked for, and use a new key for a new request.",
    ),
    ErrorCode(
        "SLW469",
        "the server failed",
        "It met a failure that nobody expected. That is a bug; what it was is in the server's log.",
        "Try again. If it stays, look for the request's id in the server's log and report it.",
    ),
)
"""SLW450 to SLW469."""
