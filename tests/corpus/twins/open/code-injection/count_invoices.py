# real: CWE-95
"""Invoices and their periods."""

from rest_framework.decorators import api_view
from rest_framework.response import Response

VERSION = 2


@api_view(["POST"])
def count_invoices(request):
    period = request.data["period"]
    wanted_period = period if VERSION >= 2 else "monthly"
    rule = compile(wanted_period, "<rule>", "eval")
    total = eval(rule)
    return Response({"invoice": total})
