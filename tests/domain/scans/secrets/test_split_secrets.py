"""A secret is found however a program puts it together: each way, at any places."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.scans.scanners.secrets import rule_files
from domain.scans.secrets.search import search

RULES = rule_files.load()
KEY = "AK" + "IAS76GPRGQJS2EMXUC"
CUTS = st.sets(st.integers(1, len(KEY) - 1), min_size=1, max_size=4)
AROUND = st.sampled_from(["", "first = 1\n", "# it's a comment\n", 'a = ["x", "y"]\n', "f('a' + b, \"c\")\n"])


def parts(cuts: set[int]) -> list[str]:
    places = [0, *sorted(cuts), len(KEY)]
    return [KEY[a:b] for a, b in itertools.pairwise(places)]


def between(joint: str) -> Callable[[list[str]], str]:
    return lambda halves: 'key = "' + joint.join(halves) + '"\n'


def listed(before: str, joint: str, after: str) -> Callable[[list[str]], str]:
    return lambda halves: before + joint.join(f'"{one}"' for one in halves) + after


def mixed(halves: list[str]) -> str:
    return "key = " + " + ".join(f"'{one}'" if n % 2 else f'"{one}"' for n, one in enumerate(halves)) + "\n"


def formatted(before: str, hole: str, joint: str, after: str) -> Callable[[list[str]], str]:
    """The first part is in the format itself."""
    return lambda halves: (
        before + halves[0] + hole * (len(halves) - 1) + joint + ", ".join(f'"{one}"' for one in halves[1:]) + after
    )


def numbers(form: str, joint: str, around: tuple[str, str]) -> Callable[[list[str]], str]:
    return lambda halves: around[0] + joint.join(form % ord(one) for one in "".join(halves)) + around[1]


def coded(times: int, encode: Callable[[bytes], bytes] = base64.b64encode) -> Callable[[list[str]], str]:
    """In base64, so many times, in as many strings as there are parts."""

    def written(halves: list[str]) -> str:
        data = f"key: {''.join(halves)}\n".encode()
        for _ in range(times):
            data = encode(data)
        step = len(data) // len(halves) + 1
        pieces = [data[at : at + step].decode() for at in range(0, len(data), step)]
        return "k = b64(" + " + ".join(f'"{one}"' for one in pieces) + ")\n"

    return written


WAYS: dict[str, Callable[[list[str]], str]] = {
    "in a row": between('" "'),
    "added": between('" + "'),
    "mixed quotes": mixed,
    "comments between": between('" + # its half\n    "'),
    "comments of C between": between('" + /* half */ "'),
    "comments of SQL between": between('" || -- half\n    "'),
    "continued": between('" \\\n  "'),
    "empty strings": between('""'),
    "PHP": between('" . "'),
    "Lua": between('" .. "'),
    "Visual Basic": between('" & _\n  "'),
    "Jinja": between('" ~ "'),
    "SQL": between('" || "'),
    "streams": between('" << "'),
    "wrapped": between('") + String("'),
    "in brackets": between('" + ("'),
    "appended over lines": between('"\nkey += "'),
    "added to itself": between('"\nkey = key + "'),
    "appended in PHP": between('";\n$key .= "'),
    "a builder": between('");\nsb.append("'),
    "variables in order": between('"\nnext_one = "'),
    "nested in an f-string": between("{'" + "'}"),
    "joined": listed('"".join([', ", ", "])"),
    "joined tuple": listed("''.join((", ",", "))"),
    "joined in JavaScript": listed("[", ",", '].join("")'),
    "concat": listed("concat(", ", ", ")"),
    "a method": between('".concat("'),
    "imploded": listed('implode("", [', ", ", "])"),
    "a list of YAML": lambda halves: "".join(f'- "{one}"\n' for one in halves),
    "in the cells' lines of a notebook": between('\\" +\\n",\n "\\"'),
    "percent": formatted('key = "', "%s", '" % (', ")\n"),
    "format": formatted('key = "', "{}", '".format(', ")\n"),
    "sprintf": formatted('sprintf("', "%s", '", ', ")\n"),
    "f-string": lambda halves: 'key = f"' + "".join(f"{{'{one}'}}" for one in halves) + '"\n',
    "template": lambda halves: f"key = `{halves[0]}" + "".join('${"' + one + '"}' for one in halves[1:]) + "`\n",
    "reversed": lambda halves: f'key = "{KEY[::-1]}"[::-1]\n',
    "reversed halves": lambda halves: " + ".join(f'"{one[::-1]}"' for one in halves[::-1]) + "\n.split('').reverse()",
    "repeated": lambda halves: " + ".join(f'"{one}" * 1' for one in halves),
    "hexadecimal bytes": numbers("0x%02x", ", ", ("[", "]")),
    "decimal bytes": numbers("%d", ", ", ("bytes([", "])")),
    "chr": numbers("chr(%d)", " + ", ("k = ", "\n")),
    "chr in lines": numbers("Chr(%d)", " & _\n ", ("k = ", "\n")),
    "octal numbers": numbers("0%o", ",", ("{", "}")),
    "fromCharCode": numbers("%d", ",", ("String.fromCharCode(", ")")),
    "a dump": numbers("%02x", " ", ("", "\n")),
    "characters": numbers("'%c'", ",", ("{", "}")),
    "base64 in strings": coded(1),
    "base64 twice": coded(2),
    "base64 for URLs": coded(1, base64.urlsafe_b64encode),
}


@pytest.mark.parametrize("way", WAYS)
@given(cuts=CUTS, before=AROUND, after=AROUND)
def test_a_secret_in_parts_is_found(way, cuts, before, after):
    text = before + WAYS[way](parts(cuts)) + "\n" + after

    assert [hit for hit in search(text.encode(), "app/main.py", RULES) if hit.value == KEY.encode()], text


ESCAPES = {
    "UTF-16": "\\u00%02x",
    "UTF-32": "\\U000000%02x",
    "braces": "\\u{%x}",
    "braces of Perl": "\\x{%02x}",
    "octal of Perl": "\\o{%o}",
    "octal of printf": "\\0%03o",
    "octal": "\\%o",
    "PowerShell": "`u{%x}",
    "old JavaScript": "%%u00%02x",
    "entities without an end": "&#%d",
    "entities with zeros": "&#x000%x;",
    "Java": "\\uu00%02x",
}


@pytest.mark.parametrize("form", ESCAPES.values(), ids=ESCAPES)
@given(cuts=CUTS)
def test_a_secret_is_found_whichever_of_its_characters_are_escaped(form, cuts):
    text = "".join(form % ord(one) if at in cuts or at == 0 else one for at, one in enumerate(KEY))
    if form in ("\\%o", "&#%d"):  # they end where no further digit follows: all or none
        text = "".join(form % ord(one) for one in KEY)

    assert [hit for hit in search(f"k = '{text}'\n".encode(), "a.txt", RULES) if hit.value == KEY.encode()], text


def test_characters_by_their_names_are_read() -> None:
    text = f"k = '\\N{{LATIN CAPITAL LETTER A}}{KEY[1:]}'"

    assert [hit.value for hit in search(text.encode(), "a.py", RULES)] == [KEY.encode()]


@given(st.lists(st.sampled_from([*WAYS.values()]), min_size=1, max_size=3), CUTS)
def test_what_is_found_in_parts_is_at_a_line_of_theirs(ways, cuts):
    text = "\n".join(way(parts(cuts)) for way in ways)
    lines = text.count("\n") + 1

    assert all(1 <= hit.line <= hit.end_line <= lines for hit in search(text.encode(), "a.py", RULES))
