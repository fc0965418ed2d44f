"""Python in files of shells, builds and pipelines is read as Python, at its own lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.files.embedded import MAX_PIECES, embedded

CODE = "import os\nos.system(x)"


def indented(by: int) -> str:
    return "\n".join(" " * by + line for line in CODE.split("\n"))


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("run.sh", f"set -e\npython3 - <<'EOF'\n{CODE}\nEOF\n", 3),
        ("run.sh", f"python <<EOF arg\n{CODE}\nEOF\n", 2),
        ("run.sh", f"cat > tool.py <<-EOF\n\t{CODE.replace(chr(10), chr(10) + chr(9))}\n\tEOF\n", 2),
        ("run.sh", f"cat <<EOF > /tmp/x\n#!/usr/bin/env python3\n{CODE}\nEOF\n", 2),
        ("Dockerfile", f"FROM x\nRUN python3 <<EOF\n{CODE}\nEOF\n", 3),
        ("Dockerfile", f"COPY <<EOF /app.py\n{CODE}\nEOF\n", 2),
        ("run.sh", f"X=1 python3 -u -c '{CODE}' arg\n", 1),
        ("Makefile", f'a:\n\tpython3.11 -Ic "{CODE}"\n', 2),
        ("package.json", '{"x": "python -c \\"import os\\nos.system(x)\\""}', 1),
        (".gitlab-ci.yml", f"a:\n  script:\n    - |\n      python - <<EOF\n{indented(6)}\n      EOF\n", 5),
        ("ci.yml", f"steps:\n  - shell: python\n    run: |\n{indented(6)}\n", 4),
        ("ci.yml", f"steps:\n  - name: x\n    run: |\n{indented(6)}\n\n    shell: python3 {{0}}\n", 4),
        ("ci.yml", f"steps:\n  - run: |\n{indented(6)}\n    shell: 'python'\n  - run: ls\n", 3),
    ],
)
def test_it_is_found_at_its_line(path, text, line):
    found = embedded(path, text)

    (piece,) = found.pieces
    last = piece.text.strip().split("\n")
    assert last[-2:] == CODE.split("\n")
    assert piece.place(1 + piece.text.count("\n") - 1).line == line + len(last) - 2
    assert not found.unread


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("map.yaml", f"data:\n  app.py: |\n{indented(4)}\n  b: c\n", 3),
        ("wf.yaml", f"script:\n  command: [python]\n  source: |-\n{indented(4)}\n", 4),
        ("job.yaml", f"args:\n- |\n{indented(2)}\n", 3),
        ("fn.yaml", f"x:\n- ZipFile: !Sub |\n{indented(4)}\n  Runtime: y\n", 3),
        ("main.tf", f"content = <<-EOT\n{indented(6)}\n    EOT\n", 2),
        ("a.toml", f'code = """\n{CODE}\n"""\n', 2),
        ("a.nix", f"x = python3 \"a\" ''\n{indented(2)}\n'';\n", 2),
        ("justfile", f"a:\n    #!/usr/bin/env python3\n{indented(4)}\nb:\n    ls\n", 3),
        ("a.sql", f"CREATE FUNCTION f() AS $$\n{CODE}\n$$ LANGUAGE plpython3u;\n", 2),
        ("a.sql", f"-- '' $y$\nCREATE FUNCTION f() AS $$\n{CODE}\n$$ LANGUAGE plpython3u;\n-- '' $y$", 3),
        ("a.sql", f"CREATE FUNCTION f() AS $x$\nif 1:\n    return 2\n{CODE}\n$x$ LANGUAGE plpython3u;\n", 4),
    ],
)
def test_what_is_python_in_a_text_of_another_language_is_found_at_its_line(path, text, line):
    (piece,) = embedded(path, text).pieces

    at = next(number for number, one in enumerate(piece.text.split("\n"), 1) if "import os" in one)
    assert piece.place(at).line == line


@pytest.mark.parametrize(
    "text",
    [
        '{"command": "python3", "args": ["-c", "import os; os.system(x)"]}',
        "command: ['python', '-u', '-c', 'import os; os.system(x)']",
        'CMD ["/usr/bin/python3.12", "-c", "import os\\nos.system(x)"]',
    ],
)
def test_arguments_in_a_list_are_a_program(text):
    (piece,) = embedded("a.json", text).pieces

    assert "os.system(x)" in piece.text


@pytest.mark.parametrize(
    "text",
    [
        "run: |\n  import the data\n  python x.py\n",
        "description: |\n  python (see below)\n",
        'args: ["python", "-c"]\nb: ["sh", "-c", "ls"]\n',
        "python\na: |\n",
    ],
)
def test_what_only_mentions_python_is_none(text):
    assert embedded("a.yaml", text) == embedded("a.yaml", "")


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(
            ["import x python", *["- " * 9 + "a: |"] * 20_000],
        ),
        "import x\n" + "$$\n" * 40_000,
        "import x\n" + "$a$" * 40_001,
        "import x\n" + "".join(f"$a{i}$ " for i in range(40_000)),
        "import x\n" + "".join(f"x = <<A{i}\n" for i in range(40_000)),
        "import x\n" + "\"\"\"\n'''\n" * 20_000,
        "import x\n" + "x <<A\n" * 20_000,
        "import x\n" + "  #!python\n" * 20_000,
        'import x\n"python"' + '"-c", "' * 20_000,
    ],
)
def test_attack_blocks_that_never_end_are_read_once(text):
    assert len(embedded("a.yaml", text).pieces) == 0


def test_attack_texts_in_texts_in_texts_are_named_where_they_are_too_many_to_try():
    marks = [f"$a{one}$" for one in range(400)]
    found = embedded("a.sql", "import x\n" + " ".join([*marks, *reversed(marks)]))

    assert [gap for _, gap in found.unread] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "python -c \"import $MODULE; print('${X}', $(date +%s))\"",
        "python3 - <<EOF\nprint('$HOME', ${A:-1})\nEOF",
        "steps:\n  - shell: python\n    run: |\n      print(${{ matrix.x }})\n",
        'python -c "print(\\"a\\")"',
    ],
)
def test_what_a_shell_puts_in_is_a_value(text):
    assert len(embedded("ci.yml", text).pieces) == 1


def test_what_does_not_parse_is_named_and_a_gap_where_no_shell_changes_it():
    assert embedded("x.sh", "python <<'EOF'\nno python\nEOF").unread == ((2, True),)
    assert embedded("x.sh", "python <<EOF\n$A b c\nEOF").unread == ((2, False),)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", f"python - <<EOF\n{CODE}\nEOF"),
        ("x.sh", "python setup.py\ncat <<EOF\nimport os\nEOF"),
        ("ci.yml", "steps:\n  - shell: bash\n    run: python x.py\n  - name: python\n"),
        ("ci.yml", "steps:\n  - run: ls\n  - shell: python\n    uses: x\n"),
    ],
)
def test_other_texts_have_none(path, text):
    assert embedded(path, text).pieces == ()


def test_what_is_beyond_the_limit_is_named():
    found = embedded("x.sh", "python -c 'x'\n" * (MAX_PIECES + 2))
    assert len(found.pieces) == MAX_PIECES
    assert found.unread == ((MAX_PIECES + 1, True),)


@given(
    st.lists(
        st.sampled_from(
            ["python", " -c ", "'", '"', "\\", "\n", "<<EOF", "EOF", "shell: python", "run: |", "  ", "x", "$("]
        )
    )
)
def test_any_text_is_read(words):
    text = "".join(words)
    for piece in embedded("x", text).pieces:
        assert all(1 <= place.line <= text.count("\n") + 1 for place in piece.places)
