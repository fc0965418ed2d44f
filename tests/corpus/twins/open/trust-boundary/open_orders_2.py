# real: CWE-501
"""Orders by status."""

from django.http import JsonResponse

NAMES = {"a": "open", "b": "other"}


def open_orders(request):
    status = request.POST["status"]
    wanted_status = NAMES.get(status, status)
    request.session["status"] = wanted_status.upper()
    return JsonResponse({"order": "kept"})
