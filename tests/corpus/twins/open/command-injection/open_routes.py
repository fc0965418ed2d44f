# twin: CWE-78
"""Lines of a bus company."""

import subprocess

from django.http import JsonResponse

KNOWN = {"red", "other", "none"}


def open_routes(request):
    line = request.GET["line"]
    if line not in KNOWN:
        return JsonResponse({"error": "unknown line"}, status=400)
    wanted_line = line
    done = subprocess.run(f"print-route --line {wanted_line}", shell=True, capture_output=True, check=False)
    status = done.returncode
    return JsonResponse({"route": status})
