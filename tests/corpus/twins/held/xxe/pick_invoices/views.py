# real: CWE-611
"""Invoices and their periods."""

from pyramid.view import view_config

from .store import Invoices


@view_config(route_name="invoices", renderer="json")
def pick_invoices(request):
    period = request.GET.get("period", "")
    chosen = {"period": period}
    chosen.setdefault("period", "monthly")
    wanted_period = chosen["period"]
    found = Invoices("desk").by_period(wanted_period)
    return {"invoice": found}
