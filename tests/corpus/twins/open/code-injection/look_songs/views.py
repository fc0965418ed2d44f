# twin: CWE-95
"""A catalogue of songs."""

from django.http import JsonResponse
from django.views import View

from .store import Songs


class SongsView(View):
    def get(self, request):
        genre = request.headers.get("X-Genre", "")
        found = Songs("desk").by_genre(genre)
        return JsonResponse({"song": found})
