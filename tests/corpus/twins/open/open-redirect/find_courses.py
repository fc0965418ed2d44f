# twin: CWE-601
"""Courses of a term."""

from django.shortcuts import redirect
from django.views import View

NAMES = {"a": "spring", "b": "other"}


def place_of_course(term):
    return term + "?seen=1"


class CoursesView(View):
    def get(self, request):
        term = request.GET.get("term", "")
        wanted_term = NAMES.get(term, "spring")
        return redirect(place_of_course(wanted_term))
