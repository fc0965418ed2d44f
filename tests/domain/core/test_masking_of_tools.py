"""A secret is masked as real tools print it: no eight characters in a row of what they make of it are left."""

import base64
import html
import json
import os
import random
import re
import shlex
import shutil
import string
import subprocess
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode
from xml.sax.saxutils import escape, quoteattr

import pytest

from domain.core.masking import Masker

_RANDOM = random.Random(7)
_LINES = ["".join(_RANDOM.choices(string.ascii_letters + string.digits + "+/", k=64)) for _ in range(3)]
PEM = "\n".join(["-----BEGIN X-----", *_LINES, "qx+/==", "-----END X-----"])
_ALPHABETS = [string.ascii_letters + string.digits, string.printable[:95], string.punctuation, "aé€😀ß 'x\"\\"]
SECRETS = [
    PEM,
    "it's\"a`pass\\word",
    "tok-Ab9/+x Zq!'($)" * 6 + "-end",
    "100%41<&>\t\\n\\u0041 C:\\new\\x",
    "ab\ncd\nef\ngh",
    *("".join(_RANDOM.choices(alphabet, k=size)).strip() + "." for alphabet in _ALPHABETS for size in (7, 17, 90)),
]
DUMP = re.compile(r"^([0-9a-f]{7,8}:?(\s|$)|unsigned|  0X| [0-9a-f]{2} )", re.M)
ENCODE = """
const v = process.env.VALUE, b = Buffer.from(v)
console.log(JSON.stringify([JSON.stringify(v), encodeURIComponent(v), encodeURI(v), escape(v), b.toString('hex'),
  b.toString('base64'), b.toString('base64url'), require('util').inspect(v), require('querystring').escape(v),
  new URLSearchParams({v}).toString().slice(2), JSON.stringify(JSON.stringify(v))]))
"""
SHELL = {
    "base64 -w64": 'printf %s "$VALUE" | base64 -w64',
    "base64 -w76": 'printf %s "$VALUE" | base64',
    "base64 -w0": 'echo "$VALUE" | base64 -w0',
    "openssl": 'printf %s "$VALUE" | openssl base64',
    "openssl -A": 'printf %s "$VALUE" | openssl base64 -A',
    "xxd": 'printf %s "$VALUE" | xxd',
    "xxd -p": 'printf %s "$VALUE" | xxd -p',
    "xxd -u": 'printf %s "$VALUE" | xxd -u -i',
    "od -c": 'printf %s "$VALUE" | od -c',
    "od -tx1": 'printf %s "$VALUE" | od -An -tx1',
    "od -x": 'printf %s "$VALUE" | od -x',
    "hexdump -C": 'printf %s "$VALUE" | hexdump -C',
    "bash %q": 'printf %q "$VALUE"',
    "bash @Q": 'echo "${VALUE@Q}"',
    "bash -x": 'exec 2>&1; set -x; : "$VALUE"',
    "dash -x": "exec dash -xc ': \"$VALUE\"' 2>&1",
    "bash declare": "declare -p VALUE",
    "jq @sh": 'jq -nr \'env.VALUE | @sh, @uri, @json, @html, @base64, @text, @csv "\\([.])", @tsv "\\([.])"\'',
}
PYTHON: list[Callable[[str], str]] = [
    quote,
    lambda value: quote(value, safe=""),
    lambda value: quote(value, safe="!'()*~;,:@&=$#"),
    lambda value: re.sub("%..", lambda found: found[0].lower(), quote(value, safe="")),
    lambda value: quote(quote(value, safe=""), safe=""),
    lambda value: urlencode({"v": value}),
    quote_plus,
    json.dumps,
    lambda value: json.dumps(value, ensure_ascii=False),
    lambda value: json.dumps(value).replace("/", "\\/"),
    lambda value: json.dumps(json.dumps(value)),
    repr,
    ascii,
    lambda value: repr(value.encode()),
    shlex.quote,
    html.escape,
    escape,
    quoteattr,
    lambda value: "".join(f"&#{ord(one)};" for one in value),
    lambda value: "".join(f"&#x{ord(one):X};" for one in value),
    lambda value: "".join(f"\\x{one:02x}" for one in value.encode()),
    lambda value: "".join(f"\\u{ord(one):04x}" if one < "\U00010000" else one for one in value),
    lambda value: value.encode().hex(),
    lambda value: value.encode().hex(":").upper(),
    lambda value: base64.urlsafe_b64encode(f"u:{value}".encode()).decode(),
    lambda value: base64.encodebytes(f"user:{value}".encode()).decode(),
    lambda value: value.replace("'", "''"),
    lambda value: value.replace('"', '""'),
]


def in_a_row(text: str) -> list[str]:
    """Eight characters of a line in a row, without what dumps put before and between the bytes."""
    lines = [
        re.sub(r"^[0-9a-f]{7,8}:?(\s|$)|^unsigned.*|^declare -x VALUE=..|^\+ : ", "", x) for x in text.splitlines()
    ]
    if DUMP.search(text):
        lines = [re.sub(r"\b[0-3][0-7]{2}\b", "o", line) for line in lines]  # a byte is one character
        lines = [re.sub(r"0[xX]|[\s:,]|\|.*", "", line) for line in lines]
    return [line[at : at + 8] for line in lines for at in range(len(line) - 7)]


def left(secret: str, encoded: str) -> set[str]:
    """What is left of it after masking, in one piece and in pieces of seven bytes."""
    masker, data = Masker([secret]), f"before\n{encoded}\nafter\n".encode()
    parts = [masker.feed(data[at : at + 7]) for at in range(0, len(data), 7)]
    masked = b"".join([*parts, masker.flush()]).decode("utf-8", "replace")
    assert masked == Masker([secret]).whole(data).decode("utf-8", "replace")
    return set(in_a_row(encoded)) & set(in_a_row(masked))


def printed(command: list[str], secret: str) -> str:
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "VALUE": secret}
    return subprocess.run(command, env=env, capture_output=True, check=True).stdout.decode("utf-8", "replace")


@pytest.mark.parametrize("tool", SHELL)
def test_nothing_is_left_of_what_a_tool_of_the_shell_prints(tool):
    for program in ("bash", tool.split()[0]):
        if not shutil.which(program):
            pytest.skip(f"{program} is not on this machine")
    for secret in SECRETS:
        assert left(secret, printed(["bash", "-c", SHELL[tool]], secret)) == set(), secret


def test_nothing_is_left_of_what_node_prints():
    if not shutil.which("node"):
        pytest.skip("node is not on this machine")
    for secret in SECRETS:
        for encoded in json.loads(printed(["node", "-e", ENCODE], secret)):
            assert left(secret, encoded) == set(), secret


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_nothing_is_left_of_what_python_prints(number):
    for secret in SECRETS:
        assert left(secret, PYTHON[number](secret)) == set(), secret
