# real: CWE-601
"""Answers to surveys."""

from django.http import HttpResponseRedirect


def count_surveys(request):
    panel = request.GET["panel"]
    return HttpResponseRedirect("https://" + panel)
