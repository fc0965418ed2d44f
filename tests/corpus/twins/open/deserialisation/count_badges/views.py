# twin: CWE-502
"""Badges at the door."""

import tornado.web

from .store import badge_by_level


class BadgesHandler(tornado.web.RequestHandler):
    async def get(self):
        level = self.get_argument("level")
        found = badge_by_level(level)
        self.write({"badge": found})


def routes():
    return [(r"/badges", BadgesHandler)]
