# real: CWE-328
"""Uploads."""

import hashlib

from aiohttp import web


async def accept(request):
    body = await request.read()
    if hashlib.md5(body).hexdigest() != request.headers["Content-MD5"]:
        raise web.HTTPBadRequest()
    return web.Response(text="stored")
