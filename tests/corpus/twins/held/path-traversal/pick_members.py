# twin: CWE-22
"""Members of clubs."""

import os
from pathlib import Path

import tornado.web

ROOT = Path("/srv/members")


class Members:
    def __init__(self, owner):
        self.owner = owner

    def by_club(self, club):
        wanted = os.path.realpath(ROOT / f"{club}.json")
        if os.path.commonpath([wanted, str(ROOT)]) != str(ROOT):
            raise PermissionError(wanted)
        with open(wanted) as file:
            body = file.read()
        return body


class MembersHandler(tornado.web.RequestHandler):
    async def get(self):
        club = self.get_cookie("club", "")
        found = Members("desk").by_club(club)
        self.write({"member": found})


def routes():
    return [(r"/members", MembersHandler)]
