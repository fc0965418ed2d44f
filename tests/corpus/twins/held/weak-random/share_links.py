# real: CWE-330
"""Share links."""

import random

from django.http import JsonResponse


def share(request):
    access_token = f"{random.randint(0, 16**12):012x}"
    request.session["share"] = access_token
    return JsonResponse({"link": f"/shared/{access_token}"})
