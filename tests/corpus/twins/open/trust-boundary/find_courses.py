# real: CWE-501
"""Courses of a term."""

from django.http import JsonResponse
from django.views import View


class CoursesView(View):
    def get(self, request):
        term = request.headers.get("X-Term", "")
        wanted = {"sort": "spring"}
        wanted["term"] = term
        wanted_term = wanted["term"]
        request.session["term"] = wanted_term
        return JsonResponse({"course": "kept"})
