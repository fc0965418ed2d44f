# twin: CWE-614
"""Pumps at a site."""

import secrets

import tornado.web

TLS = "on"


class PumpsHandler(tornado.web.RequestHandler):
    async def get(self):
        self.set_cookie("sid", secrets.token_urlsafe(32), secure=TLS == "on", httponly=True)
        self.write("saved")


def routes():
    return [(r"/pumps", PumpsHandler)]
