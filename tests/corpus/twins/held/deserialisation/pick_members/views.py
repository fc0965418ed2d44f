# real: CWE-502
"""Members of clubs."""

import tornado.web

from .store import member_by_club


class MembersHandler(tornado.web.RequestHandler):
    async def get(self):
        club = self.get_query_argument("club", "")
        found = member_by_club(club)
        self.write({"member": found})


def routes():
    return [(r"/members", MembersHandler)]
