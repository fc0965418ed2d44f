"""Scripts in templates that are no HTML, and programs that are templates or copies, are read at their lines."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.files import blocks, fenced, rendered, server_scripts
from domain.scans.files.pieces import NotReadable

PATHS = st.sampled_from(["a.pug", "a.haml", "a.slim", "a.ejs", "a.mdx"])
LINES = st.sampled_from(
    [
        "script.",
        "  eval(x)",
        "- eval(x)",
        "p(onclick='eval(x)')",
        "<% a { %>",
        "<%",
        "%>",
        "```",
        "import a",
        "",
        "\t:javascript",
    ]
)


@given(PATHS, st.lists(LINES, max_size=8))
def test_whatever_is_script_stands_where_it_stood_and_nothing_stands_twice(path, lines):
    text = "\n".join(lines)
    end = 0
    for part in server_scripts.parts(path, text):
        assert end <= part.start
        assert text.startswith(part.text, part.start)
        end = part.end


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.pug", "p\nscript.\n  var a = 1\n\n  eval(x)\np", 5),
        ("a.pug", "p\n  script(defer='') eval(x)", 2),
        ("a.pug", "p(onclick='eval(x)')", 1),
        ("a.pug", "p\n- eval(x)", 2),
        ("a.pug", "p\n-\n  eval(x)", 3),
        ("a.pug", "p= eval(x)", 1),
        ("a.haml", "%p\n:javascript\n  a = '#{b}'\n  eval(x)", 4),
        ("a.haml", '%p{onclick: "eval(x)"}', 1),
        ("a.slim", "javascript:\n  eval(x)", 2),
        ("a.ejs", "<p>\n<% if (a) { %>\n<%= eval(x) -%>\n<% } %>", 3),
        ("a.mdx", "# A\n\nexport const a =\n  eval(x)\n\nWords", 4),
        ("a.mdx", "```html\n<script>b(</script>\n```\n<script>eval(x)</script>", 4),
    ],
)
def test_a_script_is_found_on_its_line(path, text, line):
    found = blocks.pieces(path, text)

    assert any("eval(x)" in piece.text.split("\n")[line - 1] for piece in found)
    assert not any("b(" in piece.text for piece in found)


def test_the_tags_of_a_template_are_one_program():
    (piece,) = blocks.pieces("a.ejs", "<% for (a of b) { %><%= a %><% } %><%# c( %><%% d( %>")

    assert piece.text.split() == ["for", "(a", "of", "b)", "{", "a", ";", "}"]


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("a.py.j2", "import {{ a }}\n{% if b %}\nf('{{ c }}')\n{% endif %}\n", "f("),
        ("a.py.in", "import os\nos.system(@WHAT@)\n", "os.system(______)"),
        ("a.py.tmpl", "import ${name}\nf($x)\n", "f(_x)"),
        (
            "script.py.mako",
            '"""${a}"""\nfrom a import b\n${c if c else ""}\nd = ${repr(e)}\n% if f:\nf(${g})\n% endif\n',
            "f(",
        ),
        ("a.py.mako", '<%!\nimport re\n%>"""${a}"""\nx = <%= b %>\nf(x)\n<%\n c\n%>\n', "f(x)"),
        ("a.py-tpl", "import {{ a }}\n", "import"),
        ("a.py~", "import os\n", "import os"),
        ("a.js.bak", "eval(x)\n", "eval(x)"),
        ("a.ts.erb", "a = <%= b %>; eval(x)\n", "eval(x)"),
    ],
)
def test_a_template_or_a_copy_of_a_program_is_one(path, text, wanted):
    piece = rendered.program(path, text)

    assert piece is not None
    assert wanted in piece.text
    assert piece.text.count("\n") == text.count("\n")


@pytest.mark.parametrize("path", ["a.txt.j2", "a.j2", "a.py", "in", "py.in", "~", "a.yml.in"])
def test_other_templates_are_no_programs(path):
    assert rendered.program(path, "f(") is None


def test_python_that_cannot_be_read_before_it_is_rendered_is_named():
    with pytest.raises(NotReadable, match="as it is"):
        rendered.program("a.py.in", "def f(:\n")


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("import {{ a.b|lower }}\n{% if a %}\nos.system(x)\n{% endif %}\n", True),
        ("a = {{b}}\n", False),
        ("{% if a in ('b', 'c') and d %}\nos.system(x)\n{% endif %}\n", True),
        ('"{%" + f"{a[\'b\']" in (f)(os.system(x)) + "%}"\n', False),
        ("{{ os.system(x) }} {% a %}\n", True),
        ('"{%" + f"{a[\'b\']" + os.system(x) + "%}"\n', False),
        ("f(\n", False),
    ],
)
def test_tags_in_python_are_taken_out_only_where_they_can_be_no_code(code, wanted):
    made = rendered.readable(code.encode())

    assert (made is not None) is wanted
    if made:
        ast.parse(made)
        assert b"os.system(x)" in made


def test_blocks_of_a_document_that_are_run_are_one_program_and_examples_are_none():
    text = "# A\n```python\nf(\n```\n```{python}\n#| echo: false\nimport os\n```\n~~~ {code-cell} ipython3\n:tags: [a]\nos.system(x)\n~~~\n"
    piece = fenced.program(text)

    assert piece is not None
    assert {line: at for at, line in enumerate(piece.text.split("\n"), 1) if line} == {
        "import os": 7,
        "os.system(x)": 11,
    }
    assert fenced.program("```python\nf()\n```") is None
