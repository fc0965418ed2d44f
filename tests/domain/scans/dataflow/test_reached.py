"""Ways on which a value gets to a sink that an analysis may lose, each with a safe one beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.dataflow.regexes import DANGEROUS, proven_by
from tests.domain.scans.dataflow.support import of_view

RUN = "def run(x):\n    os.system(x)\n"
KEEP = "class K:\n    x = ''\n    def __init__(self, x=''):\n        self.y = x\n"
REACHED = {
    "either list": ("x = ['a'] if c() else [q]\nos.system(x[0])", ""),
    "handlers in a dict": ("{'a': other, 'b': run}[request.args['n']](q)", f"{RUN}def other(x):\n    pass"),
    "registered handlers": ("H['b'](q)", f"H = {{}}\ndef on(n):\n    def add(f):\n        H[n] = f\n        return f\n    return add\n@on('b')\n{RUN}"),
    "partial": ("import functools\nfunctools.partial(run, q)()", RUN),
    "a thread": ("import threading\nthreading.Thread(target=run, args=(q,)).start()", RUN),
    "an executor": ("from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor().submit(run, q)", RUN),
    "the key of sorting": ("sorted([q], key=os.system)", ""),
    "globals by name": ("globals()['run'](q)", RUN),
    "a method by part of its name": ("getattr(Do(), 'do_' + request.args['m'])(q)", "class Do:\n    def do_run(self, x):\n        os.system(x)\n    def other(self, x):\n        pass"),
    "attributes that are made": ("os.system(M(q).anything)", "class M:\n    def __init__(self, x):\n        self.x = x\n    def __getattr__(self, n):\n        return self.x"),
    "a dict of fields": ("k = K()\nk.__dict__['z'] = q\nos.system(k.z)", KEEP),
    "a variable of a class": ("K.x = q\nos.system(K.x)", KEEP),
    "a variable of a module": ("put(q)\nos.system(kept())", "V = ''\ndef put(x):\n    global V\n    V = x\ndef kept():\n    return V"),
    "a variable of an outer function": ("x = 'a'\ndef f():\n    nonlocal x\n    x = q\nf()\nos.system(x)", ""),
    "a buffer": ("import io\nb = io.StringIO()\nb.write(q)\nos.system(b.getvalue())", ""),
    "a heap": ("import heapq\nh = []\nheapq.heappush(h, q)\nos.system(heapq.heappop(h))", ""),
    "a defaultdict": ("from collections import defaultdict\nd = defaultdict(list)\nd['a'].append(q)\nos.system(d['a'][0])", ""),
    "pairs": ("d = {}\nd.update([('a', q)])\nos.system(d['a'])", ""),
    "an exception": ("try:\n    raise ValueError(q)\nexcept ValueError as e:\n    os.system(str(e))", ""),
    "a key that nobody knows": ("d = {'a': 'x'}\nd[c()] = q\nos.system(d['a'])", ""),
    "a counter": ("i = 0\nwhile c():\n    i += 1\nif i == 10:\n    os.system(q)", ""),
    "many rounds": ("a = b = d = e = f = 'x'\nwhile c():\n    os.system(f)\n    f, e, d, b, a = e, d, b, a, q", ""),
    "objects of a loop": ("rows = []\nfor v in c():\n    d = {'k': q}\n    rows.append(d)\n    q = 'a'\nfor r in rows:\n    os.system(r['k'])", ""),
    "deep lists": ("x = [[[[[[q]]]]]]\nos.system(str(x))", ""),
    "many sources": ("x = ''\n" + "".join(f"x += request.args['a{i}']\n" for i in range(40)) + "x = x if x in ('a',) else q\nos.system(x)", ""),
}  # fmt: skip
SAFE = {
    "another element": ("l = ['a', q, 'b']\nl.pop(1)\nos.system(l[1])", ""),
    "another key": ("import configparser\nc = configparser.ConfigParser()\nc.set('a', 'k', q)\nc.set('a', 'j', 'x')\nos.system(c.get('a', 'j'))", ""),
    "another text": ("os.system(str(S(q)))", "class S:\n    def __init__(self, x):\n        self.x = x\n    def __str__(self):\n        return 'x'"),
    "another function": ("{'a': other, 'b': run}['a'](q)", f"{RUN}def other(x):\n    pass"),
}  # fmt: skip


@pytest.mark.parametrize("what", REACHED)
def test_a_value_is_seen_where_it_gets_to(what):
    assert "command-injection" in of_view(*REACHED[what])


@pytest.mark.parametrize("what", SAFE)
def test_what_does_not_get_there_is_no_finding(what):
    assert of_view(*SAFE[what]) == []


LOOSE = (
    *(r"^.*$", r"[a-z]+|.*", r"[\s\S]+", r"[^a]+", r"[!-~]+", r"[\W\w]+", r"[a-z$();]+", r"[a-z\n ]+"),
    *(r"(?s).+", r"\S+", r"(a|.)+", r"(?:x|[^\w])+", r"[^\d]*", "[" * 40, "a{99999999999}", "x" * 600),
)


@pytest.mark.parametrize("pattern", LOOSE)
def test_an_expression_that_lets_separators_through_proves_nothing_about_commands(pattern):
    assert not {"*", "command"} & proven_by(pattern, "fullmatch")


@pytest.mark.parametrize("pattern", [r"[a-z0-9_-]+", r"(a|b|[0-9]+)", r"\w+", r"(?i)[a-f\d]{8}(-\w+)*", "ab?c"])
def test_an_expression_of_letters_proves_everything(pattern):
    assert proven_by(pattern, "fullmatch") == proven_by(
        f"^{pattern}$" if "(?i)" not in pattern else pattern, "fullmatch"
    )
    assert proven_by(pattern, "fullmatch") == {"*"}


@pytest.mark.parametrize(
    ("pattern", "how"),
    [
        ("[a-z]+", "match"),
        ("^a|b$", "match"),
        ("[a-z]+$", "search"),
        ("(?m)^[a-z]+$", "match"),
        (r"^[a-z]+\$", "match"),
    ],
)
def test_a_part_that_fits_proves_nothing_of_the_whole(pattern, how):
    assert not proven_by(pattern, how)


@given(
    st.text(alphabet="ab.*+?[]()|^$\\-;&/<>'\"sSwWdD ", max_size=12), st.text(alphabet="ab;|&$`<>'\"/\n. ", max_size=8)
)
def test_no_text_that_fits_has_a_character_that_was_said_to_be_impossible(pattern, text):
    import re
    import warnings

    clean = proven_by(pattern, "fullmatch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fits = bool(clean) and re.fullmatch(pattern, text) is not None
    if fits:
        dangerous = "".join(DANGEROUS.values()) if "*" in clean else "".join(DANGEROUS[one] for one in clean)
        assert not set(text) & set(dangerous)
