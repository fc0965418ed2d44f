# real: CWE-643
"""Hotels in a city."""

from django.http import JsonResponse
from django.views import View
from lxml import etree

catalogue = etree.parse("hotels.xml")


def hotel_by_city(city):
    nodes = catalogue.xpath(f"//hotel[@city='{city}']")
    return len(nodes)


class HotelsView(View):
    def get(self, request):
        city = request.headers.get("X-City", "")
        words = ["all", city, "lisbon"]
        words.pop(0)
        wanted_city = words[0]
        found = hotel_by_city(wanted_city)
        return JsonResponse({"hotel": found})
