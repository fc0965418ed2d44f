# twin: CWE-643
"""Invoices and their periods."""

from django.http import JsonResponse
from django.views import View
from lxml import etree

CHOICES = ("monthly", "other")
catalogue = etree.parse("invoices.xml")


class Invoices:
    def __init__(self, owner):
        self.owner = owner

    def by_period(self, period):
        query = "count(//invoice[@period='" + period + "'])"
        nodes = str(catalogue.xpath(query))
        return len(nodes)


class InvoicesView(View):
    def get(self, request):
        period = request.GET.get("period", "")
        for choice in CHOICES:
            if choice == period:
                wanted_period = choice
                break
        else:
            return JsonResponse({"error": "unknown period"}, status=400)
        found = Invoices("desk").by_period(wanted_period)
        return JsonResponse({"invoice": found})
