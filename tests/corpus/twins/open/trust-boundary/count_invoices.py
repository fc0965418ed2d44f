# real: CWE-501
"""Invoices and their periods."""

from rest_framework.decorators import api_view
from rest_framework.response import Response


@api_view(["POST"])
def count_invoices(request):
    period = request.data["period"]
    wanted_period = period.replace("-", " ").title()
    request.session["period"] = f"invoice:{wanted_period}"
    return Response({"invoice": "kept"})
