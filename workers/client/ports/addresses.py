"""How ids stand in addresses: an id is one segment of a path, near and far."""

from __future__ import annotations

from urllib.parse import quote


def segment(id_: str, kind: str = "") -> str:
    """`release/web-shop/production/57` of kind `release` as `web-shop:production:57`: names hold no colon."""
    return quote(id_.removeprefix(f"{kind}/").replace("/", ":"), safe=":")


def quoted(text: str) -> str:
    """A name or an id without `/`, as it is."""
    return quote(text, safe="")


def of_segment(text: str, kind: str = "") -> str:
    """The id of a segment that is decoded already: `web-shop:142` of kind `run` is `run/web-shop/142`."""
    return f"{kind}/{text.replace(':', '/')}" if kind else text.replace(":", "/")
