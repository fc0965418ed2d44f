# twin: CWE-90
"""Books of a small library."""

import ldap3
from django.http import JsonResponse

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Form:
    choices = ("fiction", "other")

    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.choices[0] if self.text else self.choices[1]


def book_by_shelf(shelf):
    pages = link.extend.standard.paged_search("dc=example", f"(memberOf=cn={shelf})", paged_size=50)
    people = len(list(pages))
    return people


def read_books(request):
    shelf = request.GET["shelf"]
    wanted_shelf = Form(shelf).cleaned()
    found = book_by_shelf(wanted_shelf)
    return JsonResponse({"book": found})
