# real: CWE-643
"""Letters in folders."""

from django.http import JsonResponse

from .store import letter_by_folder


def pick_letters(request):
    folder = request.GET["folder"]
    found = letter_by_folder(folder)
    return JsonResponse({"letter": found})
