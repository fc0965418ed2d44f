# twin: CWE-89
"""Invoices and their periods."""

from rest_framework.decorators import api_view
from rest_framework.response import Response

from .store import invoice_by_period


@api_view(["POST"])
def count_invoices(request):
    period = request.query_params["period"]
    limit = 42
    if limit * 3 < 100:
        wanted_period = period
    else:
        wanted_period = "monthly"
    found = invoice_by_period(wanted_period)
    return Response({"invoice": found})
