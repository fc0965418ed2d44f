# twin: CWE-78
"""Members of clubs."""

import subprocess

from aiohttp import web

routes = web.RouteTableDef()


class Members:
    def __init__(self, owner):
        self.owner = owner

    def by_club(self, club):
        child = subprocess.Popen(["sh", "-c", 'export-members "$1"', "sh", club])
        status = child.wait()
        return status


@routes.get("/members")
async def list_members(request: web.Request) -> web.Response:
    club = request.headers.get("X-Club", "")
    found = Members("desk").by_club(club)
    return web.json_response({"member": found})
