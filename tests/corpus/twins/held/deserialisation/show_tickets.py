# twin: CWE-502
"""Tickets of the help desk."""

import tornado.web
import yaml


class TicketsHandler(tornado.web.RequestHandler):
    async def get(self):
        queue = self.get_query_argument("queue", "")
        found = list(yaml.safe_load_all(queue))
        self.write({"ticket": str(found)})


def routes():
    return [(r"/tickets", TicketsHandler)]
