# twin: CWE-328
"""Upload check."""

import hashlib

from aiohttp import web


async def accept(request):
    body = await request.read()
    if hashlib.sha256(body).hexdigest() != request.headers["X-Digest"]:
        raise web.HTTPBadRequest()
    return web.Response(text="stored")
