# real: CWE-79
"""Photos in albums."""

from django.http import HttpResponse
from django.views import View


class PhotosView(View):
    def get(self, request):
        album = request.headers.get("X-Album", "")
        return HttpResponse(f"<h1>photos of {album}</h1>", content_type="text/html")
