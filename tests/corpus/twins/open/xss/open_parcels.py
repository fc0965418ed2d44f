# twin: CWE-79
"""Parcels on their way."""

from django.shortcuts import render
from django.utils.safestring import mark_safe
from markupsafe import escape


def open_parcels(request):
    code = request.COOKIES.get("code", "")
    shown = escape(code)
    return render(request, "parcels.html", {"body": mark_safe("<p>No parcel for " + str(shown) + "</p>")})
