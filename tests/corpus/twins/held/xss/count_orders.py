# real: CWE-79
"""Orders by status."""

from django.http import HttpResponse


def checked(text):
    if text.lower() == "all":
        raise ValueError("too many")
    return text


def count_orders(request):
    status = request.GET.get("status", "")
    wanted_status = checked(status)
    return HttpResponse("<a title='" + wanted_status + "'>orders</a>")
