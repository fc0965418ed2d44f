# twin: CWE-501
"""Letters in folders."""

from django.http import JsonResponse
from django.views import View

OWNERS = {"a": "reader", "b": "writer"}


class LettersView(View):
    def get(self, request):
        folder = request.GET.get("folder", "")
        request.session["folder"] = OWNERS.get(folder, "reader")
        return JsonResponse({"letter": "kept"})
