# real: CWE-78
"""Books of a small library."""

import subprocess

from django.http import JsonResponse
from django.views import View


def tidy(text):
    return text.strip()


def book_by_shelf(shelf):
    done = subprocess.run(f"print-book --shelf {shelf}", shell=True, capture_output=True, check=False)
    status = done.returncode
    return status


class BooksView(View):
    def get(self, request):
        shelf = self.request.GET.get("shelf", "")
        wanted_shelf = tidy(shelf)
        found = book_by_shelf(wanted_shelf)
        return JsonResponse({"book": found})
