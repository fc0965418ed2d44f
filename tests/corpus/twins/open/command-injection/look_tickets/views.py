# twin: CWE-78
"""Tickets of the help desk."""

import tornado.web

from .store import Tickets


class TicketsHandler(tornado.web.RequestHandler):
    async def get(self):
        queue = self.get_cookie("queue", "")
        found = Tickets("desk").by_queue(queue)
        self.write({"ticket": found})


def routes():
    return [(r"/tickets", TicketsHandler)]
