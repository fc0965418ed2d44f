# real: CWE-601
"""Invoices and their periods."""

import tornado.web

from .pages import place_of_invoice


class InvoicesHandler(tornado.web.RequestHandler):
    async def get(self):
        period = self.get_cookie("period", "")
        first, _, rest = ("monthly:" + period).partition(":")
        wanted_period = rest
        self.redirect(place_of_invoice(wanted_period))


def routes():
    return [(r"/invoices", InvoicesHandler)]
