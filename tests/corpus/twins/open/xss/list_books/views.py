# real: CWE-79
"""Books of a small library."""

from sanic import Sanic
from sanic.response import html as page

from .pages import page_of_book

app = Sanic("books")


@app.get("/books")
async def list_books(request):
    shelf = request.json["shelf"]
    limit = 42
    if limit * 3 > 100:
        wanted_shelf = shelf
    else:
        wanted_shelf = "fiction"
    return page(page_of_book(wanted_shelf))
