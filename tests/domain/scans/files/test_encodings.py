"""Source and pages are decoded as the interpreter and the browser decode them, or named."""

import ast
import codecs
from encodings.aliases import aliases

import pytest

from domain.scans.files.encodings import _LIKE_ASCII, _known, transcoded, with_plain_lines
from domain.scans.files.pieces import NotReadable


@pytest.mark.parametrize(
    ("encoding", "code"),
    [("utf-7", "os.system(x)"), ("unicode_escape", r"\u006fs.system(x)"), ("raw_unicode_escape", r"\u006fs.system(x)")],
)
def test_python_in_an_encoding_of_disguises_is_read_as_python_reads_it(encoding, code):
    data = f"# -*- coding: {encoding} -*-\n{code}\n".encode()
    text = transcoded(data, "python")

    assert text is not None
    assert "os.system(x)" in text
    ast.parse(text.encode())


@pytest.mark.parametrize(
    "data",
    [
        b"# coding: utf-8\nx\n",
        b"# coding: utf-8-unix\nx\n",
        b"x = 1\n",
        b"\xef\xbb\xbfx = 1\n",
        b"# coding: latin-1\n",
        b"# coding: cp1252\n",
        b"x = 1\n# coding: utf-7\n",
        b"x = 1 +ACM- 2\n# coding: utf-7\n",
        b"# a\r# b\r# coding: utf-7\nx = 1 +ACM- 2\n",
    ],
)
def test_common_encodings_are_left_as_they_are(data):
    assert transcoded(data, "python") is None


def test_an_encoding_with_one_byte_for_a_letter_is_as_harmless_as_it_is_taken_for():
    for name in {codecs.lookup(one).name for one in aliases.values() if _LIKE_ASCII.fullmatch(_known(one.encode()))}:
        for byte in range(256):
            found = bytes([byte, 0x5C, 0x0A]).decode(name, "replace")
            assert len(found) == 3 or name.startswith("utf-8")
            assert found.endswith("\\\n")
            assert byte > 127 or found[0] == chr(byte)


@pytest.mark.parametrize("encoding", ["gbk", "big5", "shift_jis", "iso2022_jp", "euc_jp", "hz"])
def test_python_in_an_encoding_of_asia_is_read_in_it_and_its_lone_returns_are_line_breaks(encoding):
    code = f'# decoding\n# coding: {encoding}\ns = "表"\r# a\ros.system(x)\n'
    text = transcoded(code.encode(encoding), "python")

    assert text is not None
    assert "os.system(x)" in with_plain_lines(text, "python")[0].split("\n")
    assert '"表"' in text
    assert transcoded(text.encode(), "python") is None


def test_an_encoding_behind_a_long_line_counts():
    text = transcoded(b"#" + b"-" * 5_000 + b"\r# coding: utf-7\nx = 1 +ACM- 2\n", "python")

    assert text is not None
    assert text.endswith("x = 1 # 2\n")
    assert "coding" not in text


@pytest.mark.parametrize("name", ["punycode", "idna", "zlib", "rot13", "unheard-of"])
def test_an_encoding_that_source_is_not_in_is_named(name):
    with pytest.raises(NotReadable):
        transcoded(f"# coding: {name}\nx\n".encode(), "python")


def test_a_page_is_in_the_encoding_that_it_declares():
    data = b'<meta charset="iso-2022-jp">\x1b$B<!--\x1b(B<script>eval(x)</script>'

    assert "<!--" not in (transcoded(data, "", page=True) or "<!--")
    assert transcoded(b"<meta charset=utf-8>", "", page=True) is None
    assert transcoded(data, "") is None


def test_text_that_is_not_in_the_encoding_it_names_is_named():
    with pytest.raises(NotReadable):
        transcoded(b"# coding: utf-7\nx = 'a' + b\n", "python")
