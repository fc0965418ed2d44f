# real: CWE-79
"""Invoices and their periods."""

from pyramid.response import Response
from pyramid.view import view_config

from .pages import page_of_invoice


class Form:
    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.text.strip()


@view_config(route_name="invoices", renderer="json")
def pick_invoices(request):
    period = request.params["period"]
    wanted_period = Form(period).cleaned()
    return Response(page_of_invoice(wanted_period))
