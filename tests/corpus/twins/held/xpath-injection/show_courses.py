# twin: CWE-643
"""Courses of a term."""

import xml.etree.ElementTree as ET

from django.http import JsonResponse

catalogue = ET.parse("courses.xml")


CHOICES = ("spring", "other", "none")


def checked(text):
    if text not in CHOICES:
        raise ValueError("not a choice")
    return text


def show_courses(request):
    term = request.COOKIES.get("term", "")
    wanted_term = checked(term)
    nodes = list(catalogue.iterfind(f"./course[term='{wanted_term}']/name"))
    return JsonResponse({"course": len(nodes)})
