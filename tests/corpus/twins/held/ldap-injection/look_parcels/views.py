# twin: CWE-90
"""Parcels on their way."""

from django.http import JsonResponse
from django.views import View

from .store import Parcels


class ParcelsView(View):
    def get(self, request):
        code = request.headers.get("X-Code", "")
        found = Parcels("desk").by_code(code)
        return JsonResponse({"parcel": found})
