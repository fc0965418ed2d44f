"""The little of Markdown (CommonMark 0.31, and tables) that the engine writes about its executions, as HTML.

What strangers wrote stands in it: all is text but headings, tables, code, emphasis and links to paths of this server.
"""

from __future__ import annotations

import re
from html import escape

MOST = 16_000
"""Characters that are shown."""
_PARTS = re.compile(
    r"`(?P<code>[^`\n]+)`|\*\*(?P<strong>[^*\n]+)\*\*|\[(?P<text>[^\[\]\n]+)\]\((?P<path>/[\w%./~-]*)\)", re.ASCII
)
_RULE = re.compile(r"[|: -]*")
_HEADING = re.compile(r"#{1,6} (.*)")


def html(text: str) -> str:
    """Markup of a text: paragraphs, headings and tables. A link opens in the whole window."""
    blocks = re.split(r"\n\s*\n", text[:MOST].strip())
    return "\n".join(map(_block, filter(None, blocks)))


def _block(block: str) -> str:
    if heading := _HEADING.fullmatch(block):
        return f"<h3>{_inline(heading[1].strip())}</h3>"
    lines = block.splitlines()
    if len(lines) > 1 and "-" in lines[1] and _RULE.fullmatch(lines[1]):
        return f"<table>{_row(lines[0], 'th')}{''.join(_row(line, 'td') for line in lines[2:])}</table>"
    return "<p>" + "<br>".join(map(_inline, lines)) + "</p>"


def _row(line: str, kind: str) -> str:
    cells = (_inline(cell.strip()) for cell in line.strip().strip("|").split("|"))
    return "<tr>" + "".join(f"<{kind}>{cell}</{kind}>" for cell in cells) + "</tr>"


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
