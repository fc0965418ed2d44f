# real: CWE-501
"""Recipes people have shared."""

import io

from rest_framework.decorators import api_view
from rest_framework.response import Response


@api_view(["POST"])
def look_recipes(request):
    cuisine = request.query_params["cuisine"]
    page = io.StringIO()
    page.write(cuisine)
    wanted_cuisine = page.getvalue()
    request.session["cuisine"] = {"level": wanted_cuisine}
    return Response({"recipe": "kept"})
