# twin: CWE-78
"""Letters in folders."""

import shlex
import subprocess

from django.http import JsonResponse
from django.views import View


class Letters:
    def __init__(self, owner):
        self.owner = owner

    def by_folder(self, folder):
        done = subprocess.run(f"print-letter --folder {shlex.quote(folder)}", shell=True, capture_output=True, check=False)
        status = done.returncode
        return status


class LettersView(View):
    def get(self, request):
        folder = self.request.GET.get("folder", "")
        found = Letters("desk").by_folder(folder)
        return JsonResponse({"letter": found})
