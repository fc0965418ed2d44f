"""A secret is masked in whatever is printed."""

import base64
import html
import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.encodings import fold, fold_places
from domain.core.masking import MASK, MAX_HELD, Masker

secrets = st.text(alphabet="abcXYZ019-_=/+ é", min_size=6, max_size=20).filter(lambda s: len(s.strip()) >= 6)
PEM = "-----BEGIN X-----\nMIIBVgIBADANBgkqhkiG9w0BAQEFAASCAUAwggE8\nYx2eqzDV+xeG8kx/sQFV18S5\n-----END X-----"


def masked(secret: str, text: str) -> str:
    return Masker([secret]).whole(text.encode()).decode()


@given(secrets, st.binary(max_size=30), st.binary(max_size=30), st.integers(1, 7))
def test_a_secret_never_gets_through_however_it_is_cut(secret, before, after, size):
    data = before + secret.encode() + after
    masker = Masker([secret])
    out = b"".join(masker.feed(data[i : i + size]) for i in range(0, len(data), size)) + masker.flush()

    assert secret.strip().encode() not in out
    assert MASK in out


@given(secrets, st.text(alphabet="abc:", max_size=5))
def test_a_secret_is_masked_in_base64_at_any_alignment(secret, before):
    encoded = base64.b64encode((before + secret + "tail").encode())
    masker = Masker([secret])
    out = masker.feed(encoded) + masker.flush()

    assert MASK in out


@given(st.binary(max_size=200), st.integers(1, 9))
def test_without_secrets_nothing_is_changed(data, size):
    masker = Masker(["not-in-there-for-sure"])
    out = b"".join(masker.feed(data[i : i + size]) for i in range(0, len(data), size)) + masker.flush()

    assert out == data


@given(st.text(alphabet="aé€😀\t\\'\"%&+$ x41u{};#n0", max_size=12))
def test_every_escape_of_a_text_folds_to_the_same_and_each_byte_of_it_has_its_place(text):
    if "%" not in text and "&" not in text:  # those are escapes themselves: what holds for them is below
        forms = [text, quote(text), json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]]
        assert {fold(one.encode()) for one in forms} == {fold(text.encode())}
    if "%" not in text and "\\" not in text:
        assert fold(html.escape(text).encode()) == fold(text.encode())
    folded, places = fold_places(text.encode())
    assert folded == fold(text.encode())
    assert len(places) == len(folded)


@pytest.mark.parametrize(
    "secret", ["100%41ab-literal", "pass\\test\\u0041word", "a&lt;b&amp;c-literal", "a+b c%20d-literal"]
)
def test_a_secret_that_looks_like_an_escape_is_masked_in_every_form(secret):
    for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], html.escape(secret), quote(quote(secret))):
        assert masked(secret, f"<{form}>") == "<***>"


def test_each_line_of_a_value_is_masked_wherever_it_stands_alone():
    lines = PEM.splitlines()

    assert masked(PEM, f"second: {lines[1]}\n{' '.join(lines)}") == "second: ***\n*** *** *** ***"
    assert masked(PEM, json.dumps(PEM)) == '"***"'
    assert masked(PEM.replace("\n", "\r\n"), PEM) == "***\n***\n***\n***"


@pytest.mark.parametrize("width", [8, 16, 60, 64, 76])
def test_base64_is_masked_however_its_lines_are_broken(width):
    encoded = base64.b64encode(f"user:{PEM}".encode()).decode()
    text = "\n".join("  " + encoded[at : at + width] for at in range(0, len(encoded), width))

    left = masked(PEM, text)
    assert not any(encoded[at : at + 8] in left for at in range(8, len(encoded) - 8))


ACCOUNT = {
    "type": "service_account",
    "id": 7,
    "keys": [{"private_key": PEM + "\n", "mail": "robot@demo.example"}],
    "x": "short",
}


@pytest.mark.parametrize("indent", [None, 2])
def test_what_a_tool_reads_out_of_a_document_of_json_is_masked_in_every_form(indent):
    secret = json.dumps(ACCOUNT, indent=indent)

    assert masked(secret, PEM) == "***\n***\n***\n***"
    assert masked(secret, "robot@demo.example short id") == "*** short id"
    again = masked(secret, json.dumps(ACCOUNT, separators=(",", ":"), indent=4))
    assert not any(word in again for word in ("robot", "MIIB", "Yx2e", "BEGIN"))


@pytest.mark.parametrize("secret", ["A=1\nexport TOKEN='tok-of-settings'\n", "- user: x\n  token: tok-of-settings\n"])
def test_a_setting_of_a_file_of_settings_is_masked_alone(secret):
    assert masked(secret, "TOKEN tok-of-settings user") == "TOKEN *** user"


def test_the_lines_of_a_key_that_is_written_in_one_are_masked_alone():
    assert masked(PEM.replace("\n", "\\n"), PEM) == "***\n***\n***\n***"


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("{\n}", "a { b } e f ew== fQ==", "a { b } e f ew== fQ=="),  # actions/runner#326
        ("1234", "MTIzNAo= 1234", "***Ao= ***"),  # actions/runner#291
        (
            'with-\\"escaped\\"-quotes',
            'literal=key=with-"escaped"-quotes',
            "literal=key=***",
        ),  # azure-pipelines-tasks#9633
        ("winnie(the pooh)", "syntax error near 'export P=winnie\\(the\\ pooh\\)'", "syntax error near 'export P=***'"),
        (
            "p@ss word/1%",
            "https://u:p%40ss%20word%2F1%25@h p%40ss+word%2f1%25",
            "https://u:***@h ***",
        ),  # jenkins-library#2289
        ("%AZP25%0D-percent", "%25AZP25%250D-percent", "***"),  # azure-pipelines-agent#5030
    ],
)
def test_what_others_reported(secret, text, shown):
    assert masked(secret, text) == shown


def test_a_part_that_a_tool_cuts_off_or_wraps_is_masked_when_it_is_long():
    token = "".join(chr(33 + at * 7 % 90) for at in range(100))

    assert masked(token, f"it is {token[:24]}... {token[40:70]}\n{token[70:]}") == "it is ***... ***\n***"
    assert masked(token, token[:15] + " " + token[-15:]) == token[:15] + " " + token[-15:]


def test_a_line_of_a_dump_is_masked_with_its_columns_of_characters():
    dump = "00000000: 746f 6b2d 4162 392f 2b78 205a 7121 2728  tok-Ab9/+x Zq!'(\n00000010: 6f6b                                     ok\n"

    assert masked("tok-Ab9/+x Zq!'(", dump).splitlines()[0] == "00000000: ***"


def test_a_value_of_less_than_four_bytes_is_not_masked_and_one_of_four_is():
    assert masked("pa$", "pa$ word") == "pa$ word"
    assert masked("pa$s", "pa$s pa%24s pa\\$s") == "*** *** ***"


def test_what_is_held_back_is_bounded_and_a_secret_across_the_bound_is_masked():
    masker, secret = Masker(["s3cret-in-one-line"]), b"s3cret-in-one-line"
    parts, most = [], 0
    for part in (b"x" * (MAX_HELD - 10), secret, b"y" * MAX_HELD, secret[:9], secret[9:], b"z" * 5_000):
        parts.append(masker.feed(part))
        most = max(most, len(masker._held))
    out = b"".join([*parts, masker.flush()])

    assert out.count(MASK) == 2
    assert b"s3cret" not in out
    assert len(out) == 2 * MAX_HELD - 10 + 5_000 + 2 * len(MASK)
    assert most <= MAX_HELD + 18


def test_streams_that_share_what_is_masked_hold_back_their_own():
    first = Masker(["s3cret-of-both"])
    first.feed(b"begun s3cret-")
    second = first.for_another_stream()

    assert second.feed(b"of-both\n") == b"of-both\n"
    assert first.feed(b"of-both\n") == b"begun ***\n"


def test_masking_takes_time_in_proportion_to_the_text():
    masker, line = Masker(["a" * 4_000, PEM]), b"aaaaaaab" * 500 + b"%41\\u0041&#65;" * 200 + b"\n"

    def seconds(count: int) -> float:
        text, begun = line * count, time.process_time()
        masker.whole(text)
        return time.process_time() - begun

    assert seconds(40) < 20 * max(seconds(4), 0.005)
