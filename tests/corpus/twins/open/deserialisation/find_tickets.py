# real: CWE-502
"""Tickets of the help desk."""

import jsonpickle
import tornado.web

VERSION = 2


class TicketsHandler(tornado.web.RequestHandler):
    async def get(self):
        queue = self.get_cookie("queue", "")
        wanted_queue = queue if VERSION >= 2 else "support"
        found = jsonpickle.decode(wanted_queue)
        self.write({"ticket": str(found)})


def routes():
    return [(r"/tickets", TicketsHandler)]
