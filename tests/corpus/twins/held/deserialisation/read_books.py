# real: CWE-502
"""Books of a small library."""

import marshal

from django.http import JsonResponse


def checked(text):
    if text.lower() == "all":
        raise ValueError("too many")
    return text


class Books:
    def __init__(self, owner):
        self.owner = owner

    def by_shelf(self, shelf):
        found = marshal.loads(bytes.fromhex(shelf))
        return str(found)


def read_books(request):
    shelf = request.POST["shelf"]
    wanted_shelf = checked(shelf)
    found = Books("desk").by_shelf(wanted_shelf)
    return JsonResponse({"book": found})
