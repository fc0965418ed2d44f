# real: CWE-22
"""Invoices and their periods."""

import aiofiles
import tornado.web


class InvoicesHandler(tornado.web.RequestHandler):
    async def get(self):
        period = self.get_cookie("period", "")
        wanted_period = period.replace("-", " ").title()
        async with aiofiles.open(f"/srv/invoices/{wanted_period}") as file:
            body = await file.read()
        self.write({"invoice": body})


def routes():
    return [(r"/invoices", InvoicesHandler)]
