"""What server templates put into a page: filled with names and blanks of the same length, so that the rest can be read.

Which of them a file is for is known by its name, or not: then it is read once as each of them and once as none, since
what one of them takes for a tag is text for another.
"""

from __future__ import annotations

import re

from domain.scans.files.languages import suffix_of

Family = tuple[tuple[str, str, str], ...]
"""How tags begin and end, and what stands for them: a value's is a name."""
_BRACES: Family = (("{{{", "}}}", "_"), ("{{", "}}", "_"))
_JINJA: Family = (*_BRACES, ("{%", "%}", " "), ("{#", "#}", " "))
_PERCENT: Family = (("<%", "%>", " "),)
_PHP: Family = (("<?", "?>", " "),)
_ALL: Family = (*_JINJA, *_PERCENT, *_PHP)
_BY_SUFFIX: dict[str, Family] = {
    **dict.fromkeys(str.split("jinja jinja2 j2 njk twig liquid"), _JINJA),
    **dict.fromkeys(str.split("hbs handlebars mustache"), _BRACES),
    **dict.fromkeys(str.split("ejs erb rhtml jsp jspx jspf tag gsp asp aspx ascx"), _PERCENT),
    **dict.fromkeys(str.split("php php3 php4 php5 phtml"), _PHP),
}
_SHOWN = re.compile(r"<%[=\-:]|<\?=|<\?php\s+(?:echo|print)\b", re.I)
_GAP = r"(?:\s|/\*(?:[^*]|\*(?!/)){0,200}+\*/|//[^\n]{0,200}\n){0,20}+"
SINK = re.compile(
    r"\b(?:eval|Function|setTimeout|setInterval|fetch|require|import|exec\w{0,20}|spawn\w{0,20}|open|write(?:ln)?|html|append"
    rf"|query|raw|redirect|runIn\w{{0,20}}){_GAP}(?:\?\.)?\("
    r"|\b(?:inner|outer)HTML\b|insertAdjacentHTML|\blocation\s{0,99}=[^=]|\blocation\.(?:href|assign|replace)|postMessage"
    r"|cookie\s{0,99}=|rejectUnauthorized|NODE_TLS"
)
"""What no template needs and weak scripts do: a pair of tags in comments must not blank the script between them."""
_RAZOR = re.compile(r"@(?:Html|Url|Model|ViewBag|ViewData|Json|User|Context)\b[\w.]{0,200}(?:\([^()\r\n]{0,400}\))?")
_NOT_BREAK = re.compile(r"[^\r\n]")


def readings(path: str, text: str) -> list[str]:
    """The text as each template engine that it can be for leaves it: of the same length, with the same lines."""
    known = _BY_SUFFIX.get(suffix_of(path))
    if known:
        return [filled(text, known, doubtful=False)]
    made = [text, *(filled(text, one) for one in (_BRACES, _JINJA, _PERCENT, _PHP, _ALL))]
    return list(dict.fromkeys(made))


def scripts(path: str, text: str) -> str:
    """The text from which scripts are taken."""
    suffix = suffix_of(path)
    if suffix in ("cshtml", "razor", "vbhtml"):
        text = _RAZOR.sub(lambda found: _like(found[0], "_"), text)
    return filled(text, _BY_SUFFIX.get(suffix, _ALL), doubtful=suffix not in _BY_SUFFIX)


def filled(text: str, family: Family = _ALL, *, doubtful: bool = True) -> str:
    """Of the same length and with the same lines; a template's values are names. Each sign is looked for once.

    `doubtful`: the tags may be none, so those that look like a sink stay.
    """
    for begin, end, letter in family:
        made, at = [], 0
        while (start := text.find(begin, at)) >= 0:
            stop = text.find(end, start + 2)
            if stop < 0:
                if begin != "<?" or not text.startswith("<?php", start):
                    break
                stop = len(text)  # PHP that is not closed goes on to the end
            tag = text[start : stop + 2]
            value = "_" if _SHOWN.match(tag) else letter
            made += [text[at:start], tag if doubtful and SINK.search(tag) else _like(tag, value)]
            at = stop + 2
        text = "".join([*made, text[at:]])
    return text


def _like(text: str, letter: str) -> str:
    """As long and with the same line breaks; a name goes no further than its line."""
    first, *rest = re.split(r"(?=[\r\n])", text)
    return letter * len(first) + "".join(_NOT_BREAK.sub(" ", one) for one in rest)
