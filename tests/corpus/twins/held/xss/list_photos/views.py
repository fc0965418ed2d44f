# twin: CWE-79
"""Photos in albums."""

import enum

from pyramid.response import Response
from pyramid.view import view_config

from .pages import page_of_photo


class Kind(enum.Enum):
    USUAL = "summer"
    OTHER = "other"


@view_config(route_name="photos", renderer="json")
def list_photos(request):
    album = request.POST["album"]
    wanted_album = Kind(album).value
    return Response(page_of_photo(wanted_album))
