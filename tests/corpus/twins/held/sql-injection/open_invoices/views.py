# real: CWE-89
"""Invoices and their periods."""

from django.http import JsonResponse

from .store import invoice_by_period


def open_invoices(request):
    period = request.POST["period"]
    first, _, rest = ("monthly:" + period).partition(":")
    wanted_period = rest
    found = invoice_by_period(wanted_period)
    return JsonResponse({"invoice": found})
