"""Every page: shown in each language, with the names of strangers, with nothing there, and to whoever may not see it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from domain.access.actions import Action
from tests.support.memory_client import World, seeded
from tests.support.memory_client.seed import HOSTILE
from tests.workers.console.site import reader
from tests.workers.console.walk import EMPTY, MISSING, OLD_RUN, PAGES, RELEASE, RUN
from workers.client.ports.releases import ClusterRow
from workers.console import i18n
from workers.console.navigation import MENU

VOID = {"meta", "link", "input", "br", "hr", "img"}
ALLOWED_SCRIPTS = ("/static/",)


class Markup(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.words: list[str] = []
        self.lang = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what no page of ours has."""
        values = dict(attrs)
        self.ids[values.get("id") or ""] += 1
        self.lang = values.get("lang") or "" if tag == "html" else self.lang
        self.wrong += [f"<{tag} {key}>" for key in values if key == "style" or key.startswith("on")]
        if tag == "img" or (tag == "script" and not (values.get("src") or "").startswith(ALLOWED_SCRIPTS)):
            self.wrong.append(f"<{tag}>")
        for key in ("href", "src", "action", "hx-get", "hx-post"):
            if (address := values.get(key)) and not address.startswith(("/", "#")):
                self.wrong.append(f"{key}={address}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of SVG."""

    def handle_endtag(self, tag: str) -> None:
        """Each closes what was opened last."""
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """What a person reads."""
        self.words.append(data)


def read(text: str) -> Markup:
    """The page, taken apart."""
    markup = Markup()
    markup.feed(text)
    return markup


@pytest.fixture(scope="module")
def pages() -> dict[tuple[str, str], str]:
    """The text of each page in each language."""
    found = {}
    for language in i18n.LANGUAGES:
        with reader(headers={"Accept-Language": language}) as client:
            for path in PAGES:
                answer = client.get(path)
                assert answer.status_code == 200, (path, answer.text[:500])
                found[path, language] = answer.text
    return found


@pytest.mark.parametrize("path", PAGES)
def test_names_of_strangers_are_no_markup(pages, path: str):
    for language in i18n.LANGUAGES:
        markup = read(pages[path, language])
        assert (markup.wrong, markup.open, markup.lang) == ([], [], language)


@pytest.mark.parametrize("path", PAGES)
def test_ids_are_unique(pages, path: str):
    ids = read(pages[path, "en"]).ids
    assert {id_ for id_, count in ids.items() if id_ and count > 1} == set()


def test_what_cannot_be_seen_is_shown_as_what_it_is(pages):
    everything = "".join(pages.values())
    assert not {char for hostile in HOSTILE for char in hostile if char in "\u202e\x1b"} & set(everything)
    assert "\\u202e" in everything


def test_a_page_in_korean_has_korean_words_in_its_frame(pages):
    for path in PAGES:
        assert "개요" in pages[path, "ko"], path
        assert "개요" not in pages[path, "en"].replace("한국어", ""), path


@pytest.mark.parametrize("path", EMPTY)
def test_where_nothing_is_there_the_page_says_so_and_how_it_comes(path: str):
    with reader(World()) as client:
        answer = client.get(path)
    assert answer.status_code == 200
    assert 'class="nothing"' in answer.text
    assert "<tbody" not in answer.text


@pytest.mark.parametrize("path", MISSING)
def test_what_does_not_exist_is_a_page_with_its_code(path: str):
    with reader() as client:
        answer = client.get(path)
    assert answer.status_code == 404
    assert 'class="problem-code"' in answer.text


@pytest.mark.parametrize(
    "path", [RUN, f"{RUN}/log/unit", RELEASE, "/environments/production", f"{RUN}/findings", "/definitions"]
)
def test_who_may_not_read_it_sees_the_code_and_nothing_else(path: str):
    with reader(refused=frozenset(Action)) as client:
        answer = client.get(path)
    assert (answer.status_code, "SLW410" in answer.text) == (403, True)
    assert "1.4.12" not in answer.text


def test_the_overview_shows_what_can_be_shown():
    with reader(refused=frozenset({Action.APPROVALS_READ})) as client:
        text = client.get("/").text
    assert "web-shop" in text


@pytest.mark.parametrize(
    ("path", "action"),
    [
        (RUN, Action.RUNS_CANCEL),
        (OLD_RUN, Action.RUNS_RERUN),
        (RELEASE, Action.RELEASES_PAUSE),
        (RELEASE, Action.RELEASES_PROMOTE),
        (RELEASE, Action.RELEASES_ROLLBACK),
        ("/environments/production", Action.RELEASES_ROLLBACK),
        ("/pipelines/web-shop", Action.RUNS_START),
        ("/pipelines/web-shop/start", Action.RUNS_START),
    ],
)
def test_what_is_not_yours_says_which_rule_refuses_and_what_is_missing(path: str, action: Action):
    with reader(refused=frozenset({action})) as client:
        text = client.get(path).text
    assert ("default/deny" in text, "a role that permits it" in text, action in text) == (True, True, True)
    assert 'class="refused"' in text or path.endswith("/start")


@pytest.mark.parametrize(("percent", "offered"), [(0.0, "abort"), (20.0, "rollback")])
def test_a_release_under_way_offers_one_way_back_named_by_what_it_does(percent: float, offered: str):
    world = seeded()
    id_ = f"release/{RELEASE.removeprefix('/releases/')}"
    world.releases[id_] = replace(world.releases[id_], percent=percent)
    with reader(world) as client:
        text = client.get(RELEASE).text
    assert [verb for verb in ("abort", "rollback") if f'action="{RELEASE}/{verb}"' in text] == [offered]


@pytest.mark.parametrize("strategy", ["canary", "switch"])
def test_what_came_as_one_goes_back_by_one_button_that_shows_the_order_and_a_way_back_has_none(strategy: str):
    world = seeded()
    id_ = f"release/{RELEASE.removeprefix('/releases/')}"
    one, parts = world.releases[id_], tuple(ClusterRow(cluster=name, standing="live") for name in ("prices", "api"))
    row = replace(one.row, verdict="live", strategy=strategy, ended_at=1.0)
    world.releases[id_] = replace(one, row=row, services=True, clusters=parts)
    with reader(world) as client:
        text = client.get(RELEASE).text
    assert ("<li>api</li><li>prices</li>" in text) is (strategy == "canary")
    assert ("/rollback" in text) is (strategy == "canary")


def test_an_environment_that_shows_some_of_its_services_leads_to_all_of_them():
    world, path = seeded(), "/environments/production"
    one = world.environments["production"]
    every = tuple(replace(one.live[0], service=f"s{number:02}") for number in range(60))
    world.environments["production"] = replace(one, live=every, services=60)
    with reader(world) as client:
        assert f'href="{path}/services"' not in client.get(path).text
        world.environments["production"] = replace(one, live=every, services=61)
        assert f'href="{path}/services"' in client.get(path).text
        first = client.get(f"{path}/services").text
        found = client.get(f"{path}/services?service=s59").text
    assert ("s49" in first, "s50" in first, "after=" in first) == (True, False, True)
    assert ("s59" in found, "s58" in found) == (True, False)


def test_a_key_of_ones_own_has_no_button_that_the_signer_refuses_but_says_who_confirms_it():
    with reader() as client:
        text = client.get("/people").text
    own, others = text.split("ann@example.com", 1)
    assert ("data-confirm" in own, "Nobody confirms a key of their own" in own) == (False, True)
    assert others.count("data-confirm") == 2


def test_a_list_leads_to_its_next_page_without_scripts():
    with reader() as client:
        first = client.get("/runs?text=change").text
        link = first.split('class="more"', 1)[1].split('href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
        second = client.get(link).text
    assert "text=change" in link
    assert first.count("<tr>") > 50 > 0 < second.count("<tr>")
    assert not set(_runs(first)) & set(_runs(second))


def _runs(text: str) -> list[str]:
    return [part.split('"', 1)[0] for part in text.split('class="row-link" href="')[1:]]


def test_no_page_is_larger_than_150_kb(pages):
    assert {path: len(text) for (path, _), text in pages.items() if len(text.encode()) > 150_000} == {}


def test_the_landing_page_with_all_that_it_loads_is_below_150_kb():
    with reader(headers={"Accept-Encoding": "gzip"}) as client:
        text = client.get("/").text
        files = {part.split('"', 1)[0] for key in ("src", "href") for part in text.split(f'{key}="/static/')[1:]}
        files |= {f"{file.rpartition('/')[0]}/live.js" for file in files if file.endswith("console.js")}
        sent = [int(client.get(f"/static/{file}").headers["content-length"]) for file in files]
    assert len(text.encode()) + sum(sent) < 150_000


def test_every_entry_of_the_menu_leads_to_a_page():
    with reader() as client:
        answers = {entry.path: client.get(entry.path).status_code for _, entries in MENU for entry in entries}
    assert {path: status for path, status in answers.items() if status != 200} == {}
