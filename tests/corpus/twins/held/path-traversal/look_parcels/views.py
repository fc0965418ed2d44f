# twin: CWE-22
"""Parcels on their way."""

from django.http import JsonResponse
from django.views import View

from .store import Parcels


class ParcelsView(View):
    def get(self, request):
        code = self.request.GET.get("code", "")
        found = Parcels("desk").by_code(code)
        return JsonResponse({"parcel": found})
