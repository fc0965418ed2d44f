# twin: CWE-502
"""Courses of a term."""

import yaml
from django.http import JsonResponse
from django.views import View


class CoursesView(View):
    def get(self, request):
        term = self.request.GET.get("term", "")
        wanted_term, given = "spring", term
        print("ignored", len(given))
        found = list(yaml.unsafe_load_all(wanted_term))
        return JsonResponse({"course": str(found)})
