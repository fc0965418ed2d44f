# twin: CWE-502
"""A catalogue of songs."""

from rest_framework.decorators import api_view
from rest_framework.response import Response

from .store import song_by_genre


@api_view(["POST"])
def look_songs(request):
    genre = request.query_params["genre"]
    found = song_by_genre(genre)
    return Response({"song": found})
