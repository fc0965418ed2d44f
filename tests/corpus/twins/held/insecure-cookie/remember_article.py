# twin: CWE-614
"""Articles by topic."""

import secrets

import tornado.web


def flags():
    return {"secure": True, "httponly": True}


class ArticlesHandler(tornado.web.RequestHandler):
    async def get(self):
        self.set_cookie("auth", secrets.token_urlsafe(32), **flags())
        self.write("saved")


def routes():
    return [(r"/articles", ArticlesHandler)]
