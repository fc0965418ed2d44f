# twin: CWE-89
"""Courses of a term."""

from rest_framework.response import Response
from rest_framework.views import APIView

from .store import Courses

NAMES = {"a": "spring", "b": "other"}


class CoursesList(APIView):
    def post(self, request):
        term = request.query_params.get("term", "")
        wanted_term = NAMES.get(term, "spring")
        found = Courses("desk").by_term(wanted_term)
        return Response({"course": found})
