"""Values behind names that speak of secrets, in all the ways that languages and formats write that.

`password = "…"`, `"token": "…"`, `API_KEY=…`, `define('DB_PASSWORD', '…')`, `<Pass encoding="base64">…</Pass>`,
`<add key="password" value="…"/>`, `password: str = "…"`, `--password …`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.scans.secrets.context import Context, Place
from domain.scans.secrets.patterns import Match, compiled

_PASSWORD = (
    r"pass(?:word|wd|phrase|wort|code)?|pwd|psw|kennwort|contrase(?:n|\xf1|\xc3\xb1)a|mot_?de_?passe|senha"
    r"|requirepass|masterauth|bindpw|rootpw"
)
_KEY = (
    r"secret|token|(?:api|access|private|signing|encryption|auth|account|shared|storage|master|session|cookie|app|crypt|license|oauth"
    r"|consumer|webhook|nonce|logged_?in)[_.-]?(?:key|salt)|apikey|credential|_auth|authorization|(?:auth|jwt|secure)_salt|key_base"
)
NAME = rf"(?i)(?:(?P<password>{_PASSWORD})|{_KEY})(?P<rest>[\w.-]{{0,40}}?)"
_CLOSE = r"""(?:\\?["'`]|\]|\)|\}|&quot;){0,3}"""
_TYPE = r"(?:\??:[ \t]*[\w\[\].,|<>?&' ]{1,40}?[ \t]*=[ \t]*|[ \t]+(?:string|String|str|&str|\[\]byte)[ \t]*=[ \t]*)"
_SIGN = r"(?:=>|:[=-]|\?=|\+=|\|\|=|={1,3}|:{1,2}|->)[ \t]*(?:\r?\n[ \t]+)?"
_VALUE_ATTRIBUTE = r"""[ \t]+(?:type="[^"]{0,30}"[ \t]+)?value[ \t]*=[ \t]*"""
_COMMA = r"""(?P<comma>[ \t]*,[ \t]*(?:"value"[ \t]*:[ \t]*)?)"""
_ELEMENT = r"""(?P<element>(?:[ \t][^<>\n]{0,80})?>)(?:<!\[CDATA\[)?[ \t\r\n]*(?:<(?:string|value)>)?"""
_BETWEEN = rf"(?:{_CLOSE}[ \t]*(?:{_TYPE}|{_SIGN})|{_CLOSE}(?:{_VALUE_ATTRIBUTE}|{_COMMA})|{_CLOSE}{_ELEMENT})"
_PREFIX = r"(?:[rbfuLRBFU@$]{0,2}|(?:new[ \t]+)?[A-Za-z.]{0,20}(?:String|Secret(?:Str)?|bytes|encode|quote|Text)\()"
_NAMED = compiled(rf"{NAME}{_BETWEEN}")
_PASS, _REST, _LISTED, _ELEMENT_ENDS = (
    _NAMED.groupindex[name] for name in (b"password", b"rest", b"comma", b"element")
)
_QUOTED = compiled(_PREFIX + r"""(?:\\?"((?:[^"\\\n]|\\[^"\n])+)\\?"|\\?'((?:[^'\\\n]|\\[^'\n])+)\\?'|`([^`\n]+)`)""")
_BARE = compiled(r"""([^\s"'`<>,;{}()\[\]\\][^\s"'`<>,;{}()]*)""")
_BACKTICKS = 3
_BEFORE = re.compile(rb"[\w.$-]{0,60}\Z")
_CALLED = re.compile(rb"(?:\w[ \t]*\([ \t]*|\"name\"[ \t]*:[ \t]*)[\"'][\w.-]{0,60}\Z")
"""Before a name that is followed by a comma: the first argument of a call, or the name of a pair."""
_OTHER_REST = re.compile(
    rb"(?:^|[_.-])?(?:file(?:name)?s?|paths?|dir|ur[il]s?|names?|ids?|identifier|hints?|fields?|labels?|headers?|types?|ttl|length|len|"
    rb"size|min|max|policy|policies|expir\w*|expires?\w*|reset\w*|forms?|help|texts?|messages?|errors?|prompt|validat\w+|hasher\w*|regex|"
    rb"pattern|placeholder|require\w+|class|template|view|enabled?|input|columns?|format|prefix|suffix|count|limit|age|timeout|location|"
    rb"endpoint|server|host|port|strength|rules?|mode|method|provider|source|backend|store|storage|manager|service|scopes?|alg\w*|"
    rb"version|status|state|changed?|updated?|created?|confirm\w*|visible|attempts?|usage|usages|cost|index|kind|arn|ref|reference|var|"
    rb"variable|env|command|cmd|keys?_?path|generator|factory|handler|parser|reader|writer|stream|list|set|map|enum|title|description|"
    rb"user(?:name)?s?|email|account|realm|domain|issuer|audience|separator|delimiter|ized?|ization|izer|s)$",
    re.IGNORECASE,
)
"""What a name speaks of that only begins as one of a secret: `password_file`, `token_url`, `secrets`."""
_OTHER_BEFORE = re.compile(
    rb"(?:^|[^a-zA-Z]|(?-i:(?<=[a-z])(?=[A-Z])))(?:public|csrf|xsrf|no|reset|forgot|change|is|has|use|max|min|num|with|require|show|hide"
    rb"|allow|enable|disable|tokeni|pub|print|first|last|next|prev|previous|current|continuation|page|pagination|sync|lex|parse|unexpected"
    rb"|expected|stop|pad|mask|eos|bos|unk|request|idempotency|client[_-]?request|output|input|reference|action|invalid|missing|wrong"
    rb"|cancellation|cancel|start|end|design|color)[_.-]?$|(?:by|com|tres|sur|over)$",
    re.IGNORECASE,
)
_SHOWN_WITH = re.compile(rb"\b(?:for|type|class|id|href|autocomplete|placeholder)=[\"']?\Z", re.IGNORECASE)
"""Attributes of an element whose text is a label, and no value."""
_LOGIN = re.compile(
    rb"(?:^|[\W_])(?:user(?:[_-]?name)?|login|host(?:[_-]?name)?|server(?:[_-]?host)?|uid|e-?mail|db_?user|account)"
    rb"[\"'`]?[ \t]*(?:[=:>,]|[ \t]\S)",
    re.IGNORECASE,
)
MAX_WRITTEN = 800
"""Longest value with all its quotes, in bytes."""
_NEAR = 400
"""Bytes around a password in which a record of credentials names its user or host."""


@dataclass(frozen=True)
class Assigned:
    """A name and its value, with the value's place in the text."""

    name: bytes
    value: bytes
    start: int
    end: int
    password: bool
    """The name says password; else a token or a key."""
    beside_login: bool


def assigned(text: bytes, context: Context) -> Iterator[Assigned]:
    """All values behind such names that are written out in the text."""
    at, bare_too = 0, context.place in (Place.CONFIGURATION, Place.CREDENTIALS)
    while match := _NAMED.search(text, at):
        at = match.end()
        before = before_name(text, match.start())
        listed = match.start(_LISTED) >= 0
        said = match.group(_PASS) if match.start(_PASS) >= 0 else b""
        if not speaks_of_a_secret(before, match.group(), said, match.group(_REST)) or (
            listed and not _is_called(text, match.start())
        ):
            continue
        bare = bare_too and not listed and b"\n" not in match.group()
        start, end = _value(text, match.end(), bare=bare)
        if end > start and not _within_a_text(text, match.start() - len(before), match, start):
            name, is_password = before + text[match.start() : match.end(_REST)], match.start(_PASS) >= 0
            yield Assigned(name, text[start:end], start, end, is_password, _beside_login(text, start, end))


def _within_a_text(text: bytes, name: int, match: Match, start: int) -> bool:
    """`"password: " + it`: what looks like the value's first quote ends the text of the name. Or `arn:…:secret:…`."""
    opened, quote = text[max(name - 1, 0) : name], text[start - 1 : start]
    if match.start(_ELEMENT_ENDS) >= 0 and _SHOWN_WITH.search(text[max(name - 16, 0) : name]):
        return True
    escaped = text[start - 2 : start - 1] == b"\\"  # a text in a text: its quotes are others
    if not escaped and quote in (b'"', b"'") and opened == quote and quote not in match.group():
        return True
    return b"arn:" in text[max(name - 80, 0) : match.start()].rpartition(b"\n")[2] and match.group().endswith(b":")


def _value(text: bytes, at: int, *, bare: bool) -> tuple[int, int]:
    """Start and end of the value that begins there; equal: there is none, or it is data."""
    limit = min(at + MAX_WRITTEN, len(text))
    start, end = quoted(text, at)
    if start < end or start > at:
        return start, end
    if (
        bare
        and (found := _BARE.match(text, at, limit))
        and found.end() < at + MAX_WRITTEN
        and found.group()[-1:] != b":"
    ):
        value = found.group(1).rstrip(b".\\")
        if b"&" in value and b"=" in value:
            value = value.partition(b"&")[0]
        return found.start(1), found.start(1) + len(value)
    return at, at


def quoted(text: bytes, at: int) -> tuple[int, int]:
    """Start and end of the text in quotes that begins there; equal: there is none."""
    if not (match := _QUOTED.match(text, at, min(at + MAX_WRITTEN, len(text)))):
        return at, at
    group = next(one for one in range(1, _BACKTICKS + 1) if match.start(one) >= 0)
    return _trimmed(text, match.start(group), match.end(group))


def before_name(text: bytes, at: int) -> bytes:
    """The rest of the name that ends there."""
    found = _BEFORE.search(text[max(at - 60, 0) : at])
    return found[0] if found else b""


def speaks_of_a_secret(before: bytes, name: bytes, password: bytes, rest: bytes) -> bool:
    """Whether it does, with the words around it: not `bypass`, `token_type`, `csrf_token`.

    `name` begins with the word for a secret, after `before`; `password` is that word if it is one for a password, and
    `rest` what follows it.
    """
    if _OTHER_BEFORE.search(before) or _OTHER_REST.search(rest):
        return False
    if name[:5].lower() == b"token" and before.lower().endswith(b"client"):
        return False  # tells requests apart that are sent twice
    if password.lower() == b"pass":
        alone = not before[-1:].isalpha() or (name[:1].isupper() and before[-1:].islower())
        return alone and not rest[:1].islower()
    return True


def _is_called(text: bytes, at: int) -> bool:
    return bool(_CALLED.search(text[max(at - 80, 0) : at]))


def _trimmed(text: bytes, start: int, end: int) -> tuple[int, int]:
    value = text[start:end]
    return start + len(value) - len(value.lstrip()), start + len(value.rstrip())


def _beside_login(text: bytes, start: int, end: int) -> bool:
    return bool(_LOGIN.search(text[max(start - _NEAR, 0) : start]) or _LOGIN.search(text[end : end + _NEAR]))
