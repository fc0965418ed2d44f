"""Code in notebooks, templates and odd encodings is found with its line, and no way of writing hides it."""

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.files import notebooks, run_by_name
from domain.scans.files.bytecode import problem
from domain.scans.files.encodings import in_plain_lines, with_plain_lines
from domain.scans.files.newer_syntax import with_parentheses
from domain.scans.files.pieces import NotReadable, Piece, Place
from domain.scans.files.scripts import is_javascript, is_newer, is_python, is_readable


def code_of(text):
    return notebooks.read(text).pieces


LINES = st.lists(st.sampled_from(["a = 1", "f(x)", "if a:\n    b()", "", "x = 'é\"\\\\'"]), min_size=1, max_size=5)
KINDS = st.sampled_from(["code", "markdown", "raw"])
CELLS = st.lists(st.tuples(KINDS, LINES, st.booleans()), max_size=6)


def notebook(cells, **more) -> str:
    made = [
        {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True) if split else text}
        for kind, text, split in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, **more}, indent=1)


@given(CELLS)
def test_every_line_of_code_is_in_a_piece_with_its_cell_and_the_line_that_holds_it(cells):
    text = notebook([(kind, "\n".join(lines), split) for kind, lines, split in cells])
    raw = text.splitlines()

    found = [
        (place.cell, line, place.line)
        for piece in code_of(text)
        for line, place in zip(piece.text.splitlines(), piece.places, strict=False)
        if line
    ]
    wanted = [
        (number, line)
        for number, (kind, lines, _) in enumerate(cells, 1)
        for line in "\n".join(lines).split("\n")
        if kind == "code" and line
    ]
    assert [(cell, line) for cell, line, _ in found] == wanted
    assert all(json.dumps(line)[1:-1] in raw[at - 1] for _, line, at in found)


def test_what_only_a_notebook_reads_hides_nothing_around_it():
    code = "%matplotlib inline\n!pip install x\npip install -q y\nfiles = !ls\nhelp?\n%%time\nimport os\nos.system(x)\n"
    (piece,) = code_of(notebook([("code", code, True)]))

    assert "os.system(x)" in piece.text
    ast.parse(piece.text)


def test_a_cell_that_is_no_python_does_not_hide_the_others():
    pieces = code_of(notebook([("code", "f(", False), ("code", "os.system(x)", False)]))

    assert sorted(piece.text for piece in pieces) == ["f(\n", "os.system(x)\n"]
    assert [piece.place(1).cell for piece in sorted(pieces, key=lambda one: one.text)] == [1, 2]


def test_a_second_source_of_a_cell_is_code_too():
    text = '{"cells": [{"cell_type": "code", "source": "a = 1", "source": "os.system(x)"}]}'
    (piece,) = code_of(text)

    assert "a = 1" in piece.text
    assert "os.system(x)" in piece.text


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%R"])
def test_a_cell_of_another_language_is_no_python(magic):
    found = notebooks.read(notebook([("code", f"{magic}\nls -l | x", True)]))

    assert found.pieces == []
    assert magic == "%%html" or found.left == ((f"1 cell of {magic[2:]}: there are no rules for it here", False),)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("%%script python3 -u\nos.system(x)", 2),
        ("%%script --bg /usr/bin/env pypy\nos.system(x)", 2),
        ("%%pypy\nos.system(x)", 2),
        ("%%python3\nos.system(x)", 2),
        ("\n%%capture out --no-stderr\nos.system(x)", 3),
        ("%%time\nos.system(x)", 2),
        ("%%timeit -n 1 os.system(x)\nf()", 1),
        ("%%bash\npython3 - <<EOF\nos.system(x)\nEOF\n", 3),
        ("%%writefile a.py\nos.system(x)", 2),
        ("%%writefile a\nimport os\nos.system(x)", 3),
        ("%%unheard_of\nos.system(x)", 2),
        ("%%perl\nimport os\nos.system(x)", 3),
        ("f()\n!python -c 'os.system(x)'", 2),
        ("f()\na = !python -c 'os.system(x)'", 2),
        ("!ls \\\n  -l\nos.system(x)", 3),
        ("f()\n%time os.system(x)", 2),
        ("%timeit -n 1 -r 2 os.system(x)", 1),
        ("%lprun -f f os.system(x)", 1),
        ("a = %time os.system(x)", 1),
        ("!echo {os.system(x)} {}", 1),
        ("a = !echo {os.system(x)}", 1),
    ],
)
def test_python_in_a_cell_is_found_whatever_runs_it(code, line):
    found = code_of(notebook([("code", code, True)]))

    assert all(is_readable(piece.text.encode()) for piece in found)
    assert [
        (place.cell, place.line)
        for piece in found
        for number, text in enumerate(piece.text.split("\n"), 1)
        if "os.system(x)" in text and (place := piece.place(number))
    ] == [(1, 6 + line)]


def test_a_page_in_a_cell_is_one():
    (piece,) = code_of(notebook([("code", "%%html\n<p>\n<script>eval(x)</script>", True)]))

    assert (piece.suffix, piece.place(3)) == (".js", Place(9, 1))


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"language": "R", "name": "ir"}, "language_info": {"name": "python"}},
        {"kernelspec": {"language": "python"}, "language_info": {"name": "R"}},
        {"kernelspec": {"name": "python3", "language": "R"}},
        {"kernelspec": {"name": "my-env", "language": "R"}},
    ],
)
def test_a_notebook_is_python_if_anything_in_it_says_so(metadata):
    (piece,) = code_of(notebook([("code", "import os\nos.system(x)", True)], metadata=metadata))

    assert "os.system(x)" in piece.text


def test_a_notebook_of_javascript_is_javascript():
    metadata = {"kernelspec": {"language": "javascript"}}
    (piece,) = code_of(notebook([("code", "let a = () => 1", True)], metadata=metadata))

    assert piece.suffix == ".js"


def test_a_notebook_of_another_language_has_no_piece_and_is_named():
    found = notebooks.read(notebook([("code", "a <- 1", True)], metadata={"kernelspec": {"language": "R"}}))

    assert (found.pieces, found.left) == ([], (("1 cell of R: there are no rules for it here", False),))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"a":' * 5_000, "[" * 100_000])
def test_what_is_no_notebook_is_named(text):
    with pytest.raises(NotReadable):
        code_of(text)


@given(st.text(st.sampled_from("ab\n\r\u2028 "), max_size=40))
def test_every_line_break_of_a_language_is_one_for_every_tool(text):
    plain, lines = with_plain_lines(text, "javascript")

    assert not lines or not {"\r", "\u2028"} & set(plain.replace("\r\n", ""))
    assert not lines or len(lines) == plain.count("\n") + 1
    assert list(lines) == sorted(lines)
    assert not lines or lines[-1] == text.replace("\r\n", "\n").count("\n") + 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"import os\nos.system(x)\n", True),
        (b"def f(x):\n    return x\n", True),
        (b"exec('a')\n", True),
        (b"import this sentence is prose\n", False),
        (b"\x0cimport os\n", True),
        (b"\xef\xbb\xbf'''words'''\nif 1:\n    import os\n", True),
        (b"# words\r# more\rimport os\r", True),
        (b"x = 1; os.system(x)\n", True),
        (b"import\\\n os\n", True),
        (b"async def f(): pass\n", True),
        (b"# coding: gbk\nimport os\n", True),
        (b"[__import__('os').system(x)]\n", True),
        (b'{"a": "f(x)"}\n', False),
        (b"a, b\n1, 2\n", False),
        (b"import os\n" + b"# words\n" * 200_000, True),
        (b"import: os\n" + b"words\n" * 200_000, False),
        (b"Words.\n\nimport os\n", False),
        (b"a = 1\n", False),
        (b"\0import os\n", False),
    ],
)
def test_a_program_is_one_without_a_name_for_it(text, wanted):
    assert is_python(text) is wanted


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("except A, b.C:", "except (A, b.C):"),
        ("except* A,B :", "except* (A,B ):"),
        ("except (A, B):", None),
        ("except A:", None),
        ("except A, B: # why", "except (A, B): # why"),
    ],
)
def test_exceptions_without_parentheses_are_read_on_their_line(line, wanted):
    text = f"try:\n    f()\n{line}\n    pass\n"
    found = with_parentheses(text.encode())

    assert found == (text.replace(line, wanted).encode() if wanted else None)


def test_text_that_only_speaks_of_such_exceptions_stays_as_it_is():
    assert with_parentheses(b'"""\nexcept A, B:\n"""\n') is None


@pytest.mark.parametrize(
    ("path", "flags", "there", "wanted"),
    [
        ("__pycache__/a.cpython-313.pyc", 0, ["a.py"], ""),
        ("p/__pycache__/a.cpython-313.opt-1.pyc", 3, ["p/a.py"], ""),
        ("__pycache__/a.cpython-313.pyc", 1, ["a.py"], "without being compared"),
        ("__pycache__/a.cpython-313.pyc", 0, ["b.py"], "without its source"),
        ("a.pyc", 0, [], "without its source"),
        ("a.pyc", 0, ["a.py"], ""),
    ],
)
def test_compiled_python_needs_the_source_that_it_is_checked_against(path, flags, there, wanted):
    said = problem(path, b"\0\0\r\n" + flags.to_bytes(4, "little"), there)

    assert wanted in said
    assert bool(said) == bool(wanted)


def test_a_lone_return_ends_a_comment_within_a_piece_too():
    plain = in_plain_lines(Piece("# a\rf()\ng()\n", ".py", (Place(7, 1), Place(8, 1), Place(9, 1))))

    assert plain.text == "# a\nf()\ng()\n"
    assert [plain.place(line).line for line in (1, 2, 3)] == [7, 7, 8]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"import os\ntry:\n    f()\nexcept* A, B:\n    os.system(x)\n", True),
        (b"import os\nx = y !! z\n", True),
        (b"Words (and more\nimport os\n", False),
        (b"Don't\nimport os\n", False),
        (b"import os\n", False),
        (b"x = f(1)\nwords and words\n", False),
    ],
)
def test_python_that_is_too_new_to_be_parsed_here_is_python_up_to_there(text, wanted):
    assert is_newer(text) is wanted


def test_a_long_text_is_prose_however_it_begins():
    assert not is_python(b"Don't (f(x)\n" + b"words words\n" * 100_000)
    assert is_python(b"import os\nx = [\n" + b"'words',\n" * 200_000)


def test_what_an_interpreter_runs_as_it_starts_is_python_at_its_lines():
    piece = run_by_name.program("a.pth", "./lib\nimport os; os.system(x)\n# import b\n")

    assert piece is not None
    assert piece.text.split("\n") == ["", "import os; os.system(x)", "", ""]
    assert run_by_name.program("a.pth", "./lib\n") is None


def test_an_interactive_script_is_read_without_its_magics():
    piece = run_by_name.program("a.ipy", "%cd x\n!ls\nos.system(x)\n")

    assert piece is not None
    assert is_readable(piece.text.encode())
    assert "os.system(x)" in piece.text.split("\n")[2]


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("a", b"// words\n/* more */ const a = require('b')\n", True),
        ("a.txt", b"'use strict'\n", True),
        ("a.zip!b/c", b"(async () => {})()\n", True),
        ("a.dat", b"import a from 'b'\n", True),
        ("a", b"function f() {}\n", True),
        ("a", b"Let us import words\n", False),
        ("a", b"let it be\n", False),
        ("a.dart", b"import 'package:a';\n", False),
        ("a.md", b"const a = 1\n", False),
        ("a", b"/*" * 9_000, False),
    ],
)
def test_a_file_whose_name_says_nothing_is_javascript_if_it_begins_so(path, text, wanted):
    assert is_javascript(path, text) is wanted
