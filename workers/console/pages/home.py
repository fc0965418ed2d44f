"""What a person sees first."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency

from workers.client.ports.client import Client
from workers.console.rendering import Ask, page


@get("/", include_in_schema=False)
async def home(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """The overview."""
    return page(request, "home/home.html.j2")
