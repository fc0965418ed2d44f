# twin: CWE-330
"""Sharing."""

import secrets

from django.http import JsonResponse


def share(request):
    access_token = secrets.token_hex(12)
    request.session["share"] = access_token
    return JsonResponse({"link": f"/shared/{access_token}"})
