# twin: CWE-95
"""Recipes people have shared."""

from django.http import JsonResponse

from .store import recipe_by_cuisine


CHOICES = ("italian", "other", "none")


def checked(text):
    if text not in CHOICES:
        raise ValueError("not a choice")
    return text


def look_recipes(request):
    cuisine = request.GET["cuisine"]
    wanted_cuisine = checked(cuisine)
    found = recipe_by_cuisine(wanted_cuisine)
    return JsonResponse({"recipe": found})
