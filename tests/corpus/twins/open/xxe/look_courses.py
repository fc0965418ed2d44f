# twin: CWE-611
"""Courses of a term."""

import io
import xml.sax
import xml.sax.handler

from django.http import JsonResponse


def course_by_term(term):
    reader = xml.sax.make_parser()
    reader.setFeature(xml.sax.handler.feature_external_ges, True)
    reader.parse(io.StringIO(term))
    found = reader.getProperty("course")
    return found


def look_courses(request):
    term = request.GET["term"]
    limit = 42
    if limit * 3 < 100:
        wanted_term = term
    else:
        wanted_term = "spring"
    found = course_by_term(wanted_term)
    return JsonResponse({"course": found})
