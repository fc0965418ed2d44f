# twin: CWE-22
"""Books of a small library."""

import shutil

from django.http import JsonResponse

ROOT = "/srv/books/"


class Form:
    choices = ("fiction", "other")

    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.choices[0] if self.text else self.choices[1]


def book_by_shelf(shelf):
    shutil.rmtree(ROOT + shelf)
    body = "gone"
    return body


def read_books(request):
    shelf = request.GET.get("shelf", "")
    wanted_shelf = Form(shelf).cleaned()
    found = book_by_shelf(wanted_shelf)
    return JsonResponse({"book": found})
