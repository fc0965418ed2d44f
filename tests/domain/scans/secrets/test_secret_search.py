"""A secret is found wherever it stands and however it is written, at its line, and its value is never shown."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from activities.scans.scanners.secrets import rule_files
from domain.scans.findings.model import Severity
from domain.scans.secrets import search as searching
from domain.scans.secrets.search import Hit

RULES = rule_files.load()
KEY = b"AK" + b"IAS76GPRGQJS2EMXUC"
LINES = st.lists(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=40), max_size=20)
QUIET = st.lists(st.sampled_from(["x = 1", "", "# Grüße", "for each in every:", "\tcall(each)"]), max_size=20)


def search(data: bytes, path: str = "app/main.py") -> list[Hit]:
    return searching.search(data, path, RULES)


def found(data: bytes, value: bytes = KEY, path: str = "app/main.py") -> list[int]:
    return [hit.line for hit in search(data, path) if hit.value == value]


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_a_key_is_found_at_any_place_among_any_bytes(before, after):
    assert found(before + b" " + KEY + b" " + after)


@given(QUIET, QUIET, st.sampled_from(["\n", "\r\n"]))
def test_a_finding_names_the_line_of_its_value(before, after, end):
    text = end.join([*before, f"key = '{KEY.decode()}'", *after])

    assert found(text.encode()) == [len(before) + 1]


@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@given(before=QUIET)
def test_a_key_in_a_wide_encoding_is_found_at_its_line_with_a_mark_and_without(encoding, mark, before):
    text = "\n".join([*before, f"key = '{KEY.decode()}'", "# the end"])

    assert found((("\ufeff" if mark else "") + text).encode(encoding)) == [len(before) + 1]


@given(
    st.sampled_from([b"\x00", b"\x01", b"\x08", b"\x1b", b"\x7f", "\u200b".encode(), "\u00ad".encode()]),
    st.integers(1, 19),
    QUIET,
)
def test_bytes_that_nobody_sees_hide_nothing(unseen, at, before):
    text = "\n".join([*before, ""]).encode() + b"key = '" + KEY[:at] + unseen + KEY[at:] + b"'\n"

    assert found(text) == [len(before) + 1]


def escaped(form: str, value: bytes) -> bytes:
    return "".join(form % byte for byte in value).encode()


@pytest.mark.parametrize("form", ["%%%02X", "\\x%02x", "\\u00%02x", "&#%d;", "&#x%02x;", "\\%03o", "\\u{%02x}"])
@given(before=QUIET)
def test_escapes_hide_nothing(form, before):
    text = "\n".join([*before, "key = '"]).encode() + escaped(form, KEY) + b"'\n"

    assert found(text) == [len(before) + 1]


@given(LINES, QUIET, st.booleans())
def test_base64_and_hexadecimal_digits_hide_nothing(around, before, digits):
    inner = "\n".join(["the key:", KEY.decode(), *around]).encode()
    coded = inner.hex().encode() if digits else base64.b64encode(inner)
    text = "\n".join([*before, "blob = '"]).encode() + coded + b"'\n"

    assert found(text) == [len(before) + 1]


def test_base64_in_lines_hides_nothing():
    inner = b"nothing to see on this line of the text\n" * 9 + b"key: " + KEY + b"\n"

    assert found(b"data: |\n  " + base64.encodebytes(inner).replace(b"\n", b"\n  "), path="a.yaml")


@pytest.mark.parametrize("joint", [b'" "', b'" + "', b'"\n    "', b'" \\\n  "', b'" . "', b'"\n  + "', b"\\\n"])
@given(st.integers(1, 19))
def test_halves_of_a_text_are_read_as_one(joint, at):
    assert found(b'first\nkey = "' + KEY[:at] + joint + KEY[at:] + b'"\n') == [2]


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=6, max_size=40), LINES)
@example("abc123", ["abc123", "password=abc123 abc123"])
def test_an_excerpt_never_shows_a_value(value, lines):
    text = "\n".join([*lines, f"x={value} password={value}9!a token={value} {KEY.decode()}", *lines])
    hits = search(text.encode(), "app.env")

    assert hits
    assert not [hit for hit in hits if hit.value.decode() in hit.excerpt or KEY.decode() in hit.excerpt]


@given(st.binary(max_size=2_000), st.sampled_from(["a", "a.py", "a.ipynb", ".env", "a.xml", "tests/a.zip"]))
@example(b'"kty":"RSA"' * 500, "a.json")
@example(b"password=" * 500, ".env")
@example(b"\\" * 999, "a.py")
@example(b"\xff\xfe\x00", "a.txt")
def test_any_bytes_can_be_searched(data, path):
    lines = data.count(b"\n") + data.count(b"\r") + 1

    assert all(1 <= hit.line <= hit.end_line <= lines for hit in search(data, path))


def test_a_notebooks_cell_is_named():
    cells = [f'{{"cell_type": "code", "source": ["x = {n}\\n"]}}' for n in range(3)]
    cells[1] = cells[1].replace("x = 1", f"key = '{KEY.decode()}'")
    (hit,) = search(('{"cells": [\n' + ",\n".join(cells) + "\n]}").encode(), "a.ipynb")

    assert (hit.cell, hit.line) == (2, 3)


def test_a_login_in_base64_is_one_finding():
    auth = base64.b64encode(b"ci:Amsel446nest").decode()

    assert len(search(f'{{"auths": {{"r.internal": {{"auth": "{auth}"}}}}}}'.encode(), ".docker/config.json")) == 1


@pytest.mark.parametrize(
    "marker", ["gitleaks:allow", "pragma: allowlist secret", "nosec", "trivy:ignore:*", "noqa: S105"]
)
def test_markers_of_other_tools_hide_nothing(marker):
    assert found(f"key = '{KEY.decode()}'  # {marker}\n".encode())


@pytest.mark.parametrize(
    "path",
    [
        "yarn.lock",
        "vendor/a.go",
        "node_modules/a/index.js",
        "img/logo.svg",
        "go.sum",
        "a.min.js",
        ".venv/lib/a.py",
        "docs/a.md",
    ],
)
def test_no_path_hides_a_key(path):
    assert found(b"<!-- " + KEY + b" -->", path=path)


def test_of_two_rules_for_one_value_the_worse_severity_counts() -> None:
    """A command's password is medium by its rule, and a key of a vendor is high wherever it stands."""
    (hit,) = search(b"tool upload --token ghp_QhA14VqnPa5lwOo0OpGcSDuJZKMvlsbxFHz9 dist/\n", "release.sh")

    assert hit.severity is Severity.HIGH


@given(st.binary(max_size=300), QUIET, st.sampled_from([zlib.compress, lambda data: gzip.compress(data)]))
def test_compressed_streams_in_other_data_hide_nothing(around, lines, pack):
    inner = "\n".join([*lines, f"key = '{KEY.decode()}'"]).encode()

    assert found(b"%PDF-1.7\n\x00" + around + b"\nstream\n" + pack(inner) + around, path="a.pdf")


@pytest.mark.parametrize("cut", [1, 2, 4])
def test_a_broken_stream_is_read_up_to_its_break(cut):
    packed = bytearray(zlib.compress(b"key = '" + KEY + b"'\n" + b"and more of it\n" * 9))
    packed[-cut] ^= 0xFF

    assert found(b"%PDF\x00" + bytes(packed) + b"x" * 600, path="a.pdf")


def test_an_entry_that_a_zips_directory_does_not_name_hides_nothing() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("hidden.py", b"key = '" + KEY + b"'\n# and more of it\n")
    entry = made.getvalue()[: made.getvalue().index(b"PK\x01\x02")]
    end = b"PK\x05\x06" + bytes(18)

    assert found(entry + end, path="a.zip")


def test_what_is_compressed_and_in_base64_hides_nothing() -> None:
    release = base64.b64encode(gzip.compress(b"replicas: 2\nkey: " + KEY + b"\n"))

    assert found(b"data:\n  release: " + release + b"\n", path="a.yaml") == [2]
