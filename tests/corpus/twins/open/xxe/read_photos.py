# real: CWE-611
"""Photos in albums."""

from django.http import JsonResponse
from django.views import View
from lxml import etree


class PhotosView(View):
    def get(self, request):
        album = request.headers.get("X-Album", "")
        parser = etree.XMLParser(resolve_entities=True)
        root = etree.fromstring(album.encode(), parser)
        return JsonResponse({"photo": root.tag})
