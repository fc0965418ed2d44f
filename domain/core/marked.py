"""The little of Markdown (CommonMark 0.31) that the engine writes about its executions, as HTML.

What strangers wrote stands in it: everything is text but headings, code, emphasis and links to paths of this server.
"""

from __future__ import annotations

import re
from html import escape

MOST = 16_000
"""Characters that are shown."""
_PARTS = re.compile(
    r"`(?P<code>[^`\n]+)`|\*\*(?P<strong>[^*\n]+)\*\*|\[(?P<text>[^\[\]\n]+)\]\((?P<path>/[\w%./~-]*)\)", re.ASCII
)
_HEADING = re.compile(r"#{1,6} +(.*)")


def html(text: str) -> str:
    """Markup of a text: paragraphs and headings. A link opens in the whole window."""
    blocks = re.split(r"\n\s*\n", text[:MOST].strip())
    return "\n".join(map(_block, filter(None, blocks)))


def _block(block: str) -> str:
    if heading := _HEADING.fullmatch(block):
        return f"<h3>{_inline(heading[1])}</h3>"
    return "<p>" + "<br>".join(map(_inline, block.splitlines())) + "</p>"


def _inline(line: str) -> str:
    done, at = [], 0
    for found in _PARTS.finditer(line):
        done += [escape(line[at : found.start()]), _part(found)]
        at = found.end()
    return "".join([*done, escape(line[at:])])


def _part(found: re.Match[str]) -> str:
    if found["code"]:
        return f"<code>{escape(found['code'])}</code>"
    if found["strong"]:
        return f"<strong>{escape(found['strong'])}</strong>"
    if found["path"].startswith("//"):  # another host
        return escape(found[0])
    return f'<a href="{escape(found["path"])}" target="_top">{escape(found["text"])}</a>'
