# twin: CWE-601
"""Pumps at a site."""

import re

import tornado.web


class PumpsHandler(tornado.web.RequestHandler):
    async def get(self):
        site = self.get_cookie("site", "")
        if not re.fullmatch(r"[a-z0-9]{1,12}", site):
            raise tornado.web.HTTPError(400, "unknown site")
        wanted_site = site
        self.redirect(f"{wanted_site}#top")


def routes():
    return [(r"/pumps", PumpsHandler)]
