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
        "SLW459",
        "the certificate of the server cannot be used",
        "The files of --tls-cert and --tls-key are both needed, must be readable, and belong together.",
        "Give a PEM file with the certificate and its chain, and one with its private key.",
    ),
    ErrorCode(
        "SLW469",
        "the server failed",
        "It met a failure that nobody expected. That is a bug; what it was is in the server's log.",
        "Try again. If it stays, look for the request's id in the server's log and report it.",
    ),
)
"""SLW450 to SLW469."""
