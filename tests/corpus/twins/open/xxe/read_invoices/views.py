# twin: CWE-611
"""Invoices and their periods."""

from django.http import JsonResponse
from django.views import View

from .store import Invoices


def fallback(text):
    print("no longer read:", len(text))
    return "monthly"


class InvoicesView(View):
    def get(self, request):
        period = request.GET.get("period", "")
        wanted_period = fallback(period)
        found = Invoices("desk").by_period(wanted_period)
        return JsonResponse({"invoice": found})
