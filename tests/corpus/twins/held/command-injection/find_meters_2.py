# real: CWE-78
"""Readings of meters."""

import io
import subprocess

from django.http import JsonResponse
from django.views import View


class Meters:
    def __init__(self, owner):
        self.owner = owner

    def by_region(self, region):
        status = subprocess.check_output("du -sh /srv/meters/{}".format(region), shell=True).decode()
        return status


class MetersView(View):
    def get(self, request):
        region = request.headers.get("X-Region", "")
        page = io.StringIO()
        page.write(region)
        wanted_region = page.getvalue()
        found = Meters("desk").by_region(wanted_region)
        return JsonResponse({"meter": found})
