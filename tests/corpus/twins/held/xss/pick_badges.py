# twin: CWE-79
"""Badges at the door."""

import jinja2
import tornado.web

PAGES = jinja2.Environment(autoescape=True)
PAGE = PAGES.from_string("<td>{{ shown }}</td>")


class BadgesHandler(tornado.web.RequestHandler):
    async def get(self):
        level = self.get_argument("level")
        self.set_header("Content-Type", "text/html")
        self.finish(PAGE.render(shown=level))


def routes():
    return [(r"/badges", BadgesHandler)]
