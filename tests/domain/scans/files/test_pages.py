"""Scripts of pages and templates are found as browsers find them, on their lines; what is no script there is none here."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.files import blocks, markup
from domain.scans.files.pieces import NotReadable

SINK = "eval(x)"


def found(path: str, text: str) -> list[str]:
    """What is read as a script, blanks aside."""
    return [" ".join(piece.text.replace(";", " ").split()) for piece in blocks.pieces(path, text)]


@given(st.text(max_size=300))
def test_any_text_is_read_as_a_page_with_its_lines_kept(text):
    for piece in blocks.pieces("a.html", text):
        assert piece.places or piece.text.count("\n") == text.count("\n")
        assert all(1 <= place.line <= text.count("\n") + 1 for place in piece.places)


@pytest.mark.parametrize(
    ("path", "text", "suffix", "line"),
    [
        ("a.html", "<p>\n<script>\nSINK</script>", ".js", 3),
        ("a.html", "<SCRIPT type='module' src=x>SINK</SCRIPT>", ".js", 1),
        ("a.html", '<script data-x=">" defer>\nSINK', ".js", 2),
        ("a.html", '<p>\n<a onclick="SINK; return false">', ".js", 2),
        ("a.html", "<a\n href = 'javascript:SINK'>", ".js", 2),
        ("a.html", '<script>b()</script>\n<img src=x onerror="SINK">\n<script>c()</script>', ".js", 2),
        ("a.svg", "<svg>\n<script><![CDATA[ SINK ]]></script>", ".js", 2),
        ("a.vue", "<script setup lang='ts'>\nSINK\n</script>", ".ts", 2),
        ("a.svelte", "<script>\nSINK\n</script>", ".js", 2),
        ("a.astro", "---\nSINK\n---\n<p>", ".ts", 2),
        ("a.j2", "<script>var a = {{ x }};\n{% if y %}SINK{% endif %}</script>", ".js", 2),
        ("a.html", "<script>/*<%*/ SINK /*%>*/</script>", ".js", 1),
        ("a.html", "<script>/*{{*/ SINK /*}}*/</script>", ".js", 1),
    ],
)
def test_a_script_is_found_on_its_line(path, text, suffix, line):
    (piece,) = blocks.pieces(path, text.replace("SINK", "eval(x)"))

    assert piece.suffix == suffix
    assert "eval(x)" in piece.text.split("\n")[line - 1]


def test_an_attribute_within_a_script_is_part_of_it():
    text = "<script>document.write('<a onclick=\"eval(x)\">')</script>"
    (piece,) = blocks.pieces("a.html", text)

    assert piece.text == " " * 8 + text[8:-9] + ";" + " " * 8


@pytest.mark.parametrize(
    "code", ["eval/**/(x)", "document.write // a\n(x)", "eval?.(x)", "vm.runInNewContext(x)", "r.redirect(x)"]
)
def test_what_looks_like_a_value_of_a_template_and_like_a_sink_stays(code):
    assert code.split("(")[0].split()[0] in " ".join(found("a.html", f"<script>/*{{{{*/ {code} /*}}}}*/</script>"))


def test_a_harmless_handler_is_no_script():
    assert blocks.pieces("a.html", '<a onclick="return go()" href="x">') == []


@pytest.mark.parametrize("kind", ["application/json", "text/template", "x-shader/x-vertex", "importmap"])
def test_data_in_a_page_is_no_script(kind):
    assert blocks.pieces("a.html", f"<script type='{kind}'>eval(x)</script>") == []


@pytest.mark.parametrize("text", ["<script", "<script '", "{{", "<%", "<script>", "<script \">'"])
def test_a_page_of_unclosed_tags_is_read_in_time(text):
    blocks.pieces("a.html", text * 100_000)


@pytest.mark.parametrize(
    "text",
    [
        "<!-- <script>SINK</script> -->",
        "<textarea><script>SINK</script></textarea>",
        "<title><script>SINK</script></title>",
        "<style><script>SINK</script></style>",
        "<noscript><script>SINK</script></noscript>",
        "<p title='<script>SINK</script>'>",
        '<p title="a\'<script>SINK</script>">',
        "<plaintext><script>SINK</script>",
        "<scr\0ipt>SINK</script>",
        "<\u017fcript>SINK</\u017fcript>",
        "<scripted>SINK</scripted>",
        "< script>SINK</script>",
        "<script type=application/json type=module>SINK</script>",
        "<p title='onclick=\"SINK\"'>",
        "<p onclick='a()' onclick='SINK'>",
    ],
)
def test_what_no_browser_runs_is_no_script(text):
    assert found("a.html", text.replace("SINK", SINK)) == []


@pytest.mark.parametrize(
    "text",
    [
        "<script type=module type=application/json>SINK</script>",
        "<script lang=xx>SINK</script>",
        "<script\rdefer\f>SINK</script\n>",
        "<script/src=x/>SINK</script>",
        "<p ='>' a=\"<script>\"><script>SINK</script>",
        "<!--><script>SINK</script> -->",
        "<!-- a --!><script>SINK</script> -->",
        "<!a><script>SINK</script>",
        "<?a ><script>SINK</script>",
        "</ a><script>SINK</script>",
        "<textarea></textareas></textarea x><script>SINK</script>",
        "<p onclick='SINK' onclick='a()'>",
        "<p onclick=SINK>",
        "<p/onclick=SINK>",
        "<p onclick='ev&#97l(x)'>",
        "<p onclick='eval&lpar;x)'>",
        "<a href=' java&Tab;script&colon;SINK'>",
        "<a href='javascript:ev%61l(x)'>",
        "<use xlink:href='javascript:SINK'>",
        "<iframe srcdoc='&lt;script>SINK&lt;/script>'>",
        "<iframe srcdoc=\"<p onclick='SINK'>\">",
        "<script src='data:;base64,ZXZhbCh4KQ=='></script>",
        "<p onclick='f()' title='" + " " * 3_000 + "javascript:SINK'>",
        "<script type='text/{{ a }}'>SINK</script>",
        "<script>a = {{{ b }}}; SINK</script>",
        "<iframe src='data:text/html,<script>SINK</script>'>",
        "<iframe src='data:text/html;base64,PAGE'>",
        "<script src='data:text/javascript,SINK'></script>",
        "<svg><style><script>SINK</script></style></svg>",
        "<svg><script>ev<!-- a -->al(x)</script></svg>",
        "<svg><script>&#101;val(x)</script></svg>",
        "<svg><title><svg><textarea><script>SINK</script>",
        "<svg><p><textarea></textarea><script>SINK</script>",
        "<math><style><!--</style><script>SINK</script>",
        "<template><script>SINK</script></template>",
        "<script type=text/x-handlebars><p onclick='SINK'></script>",
    ],
)
def test_what_a_browser_runs_is_a_script(text):
    page = base64.b64encode(f"<script>{SINK}</script>".encode()).decode()

    assert SINK in " ".join(found("a.html", text.replace("SINK", SINK).replace("PAGE", page)))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.svg", "<svg:script>SINK</svg:script>"),
        ("a.svg", "<svg><style><script>SINK</script></style></svg>"),
        ("a.svg", "<svg><script>ev<![CDATA[al]]>(x)</script></svg>"),
        ("a.svg", '<!DOCTYPE svg [<!ENTITY a "eval">]><svg><script>&a;(x)</script></svg>'),
        ("a.xhtml", "<title><script>SINK</script></title>"),
        ("page", "<?xml version='1.0'?><h:script>SINK</h:script>"),
        ("a.svelte", "<script lang='xx'>SINK</script>"),
        ("a.hbs", "<script>a = {{{ b }}}; SINK</script>"),
        ("a.vue", "<!--><script>SINK</script>"),
        ("a.vue", "<!-- --!> <textarea> --><script>SINK</script>"),
        ("a.svelte", "<p a={() => '<textarea>'}><script>SINK</script>"),
        ("a.twig", "<p {% if a > 'x' %}class=a{% endif %}><script>SINK</script>"),
        ("a.php", "<?php echo '<textarea>' ?><script>SINK</script><?php exec($a);"),
        ("a.jsp", "<% a('<textarea>'); %><script>SINK</script>"),
        ("a.hbs", "<p {{#if a}}class='b'{{/if}}><script>SINK</script>"),
        ("a.html", "<p a={{ '<textarea>' }}><script>SINK</script>"),
        ("a.html", "<p a='{{'><script>SINK</script><p a='}}'>"),
        ("a.html", "<script>a = @Model.Id; SINK</script>"),
    ],
)
def test_a_script_is_found_in_whatever_a_page_is_made_of(path, text):
    assert SINK in " ".join(found(path, text.replace("SINK", SINK)))


def test_a_script_within_a_comment_of_a_script_does_not_end_it():
    (piece,) = blocks.pieces("a.html", "<script>\n<!-- <script>a</script>\neval(x)\n--></script><p>")

    assert piece.text.split("\n")[2] == "eval(x)"


def test_what_hid_scripts_from_old_browsers_is_a_comment():
    (piece,) = blocks.pieces("a.html", "<script>\n<!-- hide\nwhile (x --> 0) f(a[b[0]]>c)\n--> shown\n</script>")

    assert piece.text.split("\n")[1:4] == ["//   hide", "while (x --> 0) f(a[b[0]]>c)", "//  shown"]


def test_a_line_break_in_an_attribute_is_one_in_the_script_and_the_lines_stay():
    (piece,) = blocks.pieces("a.html", "<p>\n<p onclick='//&#10;eval(x)'>\n<script>f()</script>")
    lines = piece.text.split("\n")

    assert [(piece.place(at).line, line.strip(" ;")) for at, line in enumerate(lines, 1) if line.strip(" ;")] == [
        (2, "//"),
        (2, "eval(x)"),
        (3, "f()"),
    ]


def test_python_in_a_page_is_python():
    (piece,) = blocks.pieces("a.html", "<script type='py'>\n  import js\n  js.x()\n</script>")

    assert (piece.suffix, piece.text.split("\n")[1:3]) == (".py", ["import js", "js.x()"])


def test_pages_in_pages_end_somewhere():
    text = "<script>eval(x)</script>"
    for _ in range(5):
        text = "<iframe srcdoc='" + text.replace("&", "&amp;").replace("'", "&#39;") + "'>"

    with pytest.raises(NotReadable, match="deeper"):
        blocks.pieces("a.html", text)


def test_entities_that_stand_for_too_much_are_named():
    entities = '<!DOCTYPE svg [<!ENTITY a "' + "x" * 9_000 + '">]>'

    with pytest.raises(NotReadable, match="stand for"):
        blocks.pieces("a.svg", f"{entities}<script>{'&a;' * 1_000}</script>")


SIGNS = [
    "<",
    ">",
    "'",
    '"',
    "=",
    "<!--",
    "-->",
    "<script",
    "</script>",
    "<svg>",
    "</svg>",
    "<p ",
    "<title>",
    "<![CDATA[",
]


@pytest.mark.parametrize("xml", [True, False])
@given(st.lists(st.sampled_from(SIGNS), min_size=1, max_size=4))
def test_the_letters_that_are_looked_at_grow_as_the_text_does(xml, signs):
    def looked(times: int) -> int:
        reader = _Counting("".join(signs) * times, xml, True)
        for _ in reader.tags():
            pass
        return reader.looked

    assert looked(400) <= 2.2 * looked(200) + 2_000


class _Counting(markup._Reader):
    looked = 0

    def _find(self, sign: str, start: int = -1) -> int:
        end = super()._find(sign, start)
        self.looked += end - (self.at if start < 0 else start) + 1
        return end

    def _without_tags(self, name: str) -> int:
        end = super()._without_tags(name)
        self.looked += end - self.at
        return end

    def _comment(self, at: int) -> int:
        end = super()._comment(at)
        self.looked += end - at
        return end

    def _raw(self):
        start = self.at
        made = super()._raw()
        self.looked += self.at - start
        return made
