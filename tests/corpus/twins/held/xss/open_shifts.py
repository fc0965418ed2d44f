# real: CWE-79
"""Shifts of a team."""

import re

import tornado.web

SHAPE = re.compile(r"\S+")


class ShiftsHandler(tornado.web.RequestHandler):
    async def get(self):
        team = self.get_cookie("team", "")
        if not SHAPE.match(team):
            raise tornado.web.HTTPError(400, "unknown team")
        wanted_team = team
        self.set_header("Content-Type", "text/html")
        self.finish("<td>{}</td>".format(wanted_team))


def routes():
    return [(r"/shifts", ShiftsHandler)]
