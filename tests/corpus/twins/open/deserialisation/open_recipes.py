# twin: CWE-502
"""Recipes people have shared."""

import yaml
from rest_framework.response import Response
from rest_framework.views import APIView


class RecipesList(APIView):
    def post(self, request):
        cuisine = request.data.get("cuisine", "")
        limit = 42
        if limit * 3 < 100:
            wanted_cuisine = cuisine
        else:
            wanted_cuisine = "italian"
        found = yaml.load(wanted_cuisine, Loader=yaml.Loader)
        return Response({"recipe": str(found)})
