# real: CWE-601
"""A cellar of wines."""

from django.http import HttpResponseRedirect


def tidy(text):
    return text.strip()


def open_wines(request):
    grape = request.POST["grape"]
    wanted_grape = tidy(grape)
    return HttpResponseRedirect(wanted_grape)
