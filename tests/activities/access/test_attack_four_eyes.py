"""Authors who would approve their own change: other spellings, other addresses, a bot's commit on top, no name at all."""

from dataclasses import replace
from pathlib import Path

import pytest

from activities.access import identities
from activities.access.addresses import Addresses
from activities.access.environments import Environments
from activities.access.people import ChangeReader
from activities.source import change_people
from activities.source.git import git, resolve
from activities.source.mirrors import Mirrors
from domain.approvals import four_eyes
from domain.approvals.request import ChangeAuthors, ChangeRef, DecisionReason, VerifiedIdentity
from domain.approvals.spec import ApprovalSpec
from domain.core.documents import Node
from domain.core.errors import DefinitionError, RefusedError
from workers.core.plain_environment import plain
from workers.core.records import Records

EVE, BOT, DANA = "Eve Adams <eve.adams@corp.example>", "ci-bot <bot@corp.example>", "Dana <dana@corp.example>"
SPEC = ApprovalSpec(groups=("managers",))


class Scene:
    """A repository, and people who own addresses."""

    def __init__(self, folder: Path) -> None:
        self.repo, self.records = folder / "repo", Records.at(folder / "records.db")
        git("init", "-q", "-b", "main", str(self.repo))
        self.addresses = Addresses(self.records.definitions, self.records.identities)
        self.environments = Environments(self.records.definitions)
        self.environments.register("production", plain("production"))
        self.live: tuple[str, ...] = ()
        self.mirrors = Mirrors(folder / "mirrors")
        for name, address in (("eve", "eve.adams@corp.example"), ("ci-bot", "bot@corp.example")):
            self.person(name, address)
        self.person("lead", "lead@corp.example")

    def person(self, name: str, *addresses: str) -> None:
        self.records.identities.save(identities.create(self.repo.parent / "keys", name, ("managers",), ()))
        self.addresses.give(name, *addresses)

    def commit(self, author: str, committer: str = "", message: str = "a change") -> str:
        name, _, address = (committer or author).removesuffix(">").partition(" <")
        by = ("-c", f"user.name={name}", "-c", f"user.email={address}")
        git(*by, "commit", "-q", "--allow-empty", "--author", author, "-m", message, cwd=self.repo)
        return resolve(self.repo, "HEAD")

    def people(self, commit: str, **more: str) -> ChangeAuthors:
        repo = str(self.repo)
        claimed = ChangeAuthors("nobody", "nobody", change=ChangeRef(repo, repo, commit, base=more.get("base", "")))
        reader = ChangeReader(self.mirrors, self.environments, lambda environment, repo: self.live)
        return reader.read(claimed, "production")

    def rule(self, who: str, people: ChangeAuthors, spec: ApprovalSpec = SPEC) -> DecisionReason | None:
        checked = VerifiedIdentity(True, ("managers",), (), True, self.addresses.of(who))
        checked = replace(checked, unowned=self.addresses.unowned(people.addresses))
        return four_eyes.objection(spec, people, who, checked)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.mark.parametrize("author", [EVE, "X <EVE.ADAMS@Corp.Example>", "lead <eve.adams@corp.example>"])
def test_an_author_is_known_by_the_address_whatever_the_name_and_the_case(scene, author):
    people = scene.people(scene.commit(author))

    assert scene.rule("eve", people) is DecisionReason.AUTHOR
    assert scene.rule("lead", people) is None


def test_a_commit_of_a_bot_on_top_hides_no_author(scene):
    scene.live = (scene.commit(DANA),)
    scene.commit(EVE)
    people = scene.people(scene.commit(BOT, message="chore: nothing"))

    assert people.authors == ("bot@corp.example", "eve.adams@corp.example")
    assert (scene.rule("eve", people), scene.rule("lead", people)) == (DecisionReason.AUTHOR, None)


def test_what_an_earlier_push_brought_and_is_not_live_yet_counts(scene):
    scene.live = (scene.commit(DANA),)
    base = scene.commit(EVE)
    people = scene.people(scene.commit(BOT), base=base)

    assert scene.rule("eve", people) is DecisionReason.AUTHOR


@pytest.mark.parametrize("line", ["Co-authored-by", "co-authored-by", "CO-AUTHORED-BY", "  Co-Authored-By "])
def test_a_co_author_is_an_author_wherever_the_line_stands(scene, line):
    scene.live = (scene.commit(BOT),)
    people = scene.people(scene.commit(BOT, message=f"a change\n\n{line}: Eve <Eve.Adams@corp.example>\n\nmore text"))

    assert (scene.rule("eve", people), scene.rule("lead", people)) == (DecisionReason.AUTHOR, None)


def test_a_committer_of_any_commit_may_not_decide(scene):
    scene.live = (scene.commit(BOT),)
    scene.commit(BOT, committer=EVE)
    people = scene.people(scene.commit(BOT))

    assert (scene.rule("eve", people), scene.rule("lead", people)) == (DecisionReason.COMMITTER, None)


def test_an_address_that_nobody_owns_lets_nobody_decide_until_somebody_does(scene):
    people = scene.people(scene.commit("Eve <eve@elsewhere.example>"))
    before = scene.rule("lead", people)
    scene.addresses.give("eve", "eve@elsewhere.example")

    assert (before, str(before).partition(":")[0]) == (DecisionReason.UNOWNED, "SLW064")
    assert (scene.rule("lead", people), scene.rule("eve", people)) == (None, DecisionReason.AUTHOR)


def test_a_commit_without_an_address_is_nobodys(scene):
    people = scene.people(scene.commit("eve <>", committer=BOT))

    assert (people.authors, scene.rule("lead", people)) == (("(no address)",), DecisionReason.UNOWNED)


def test_too_many_commits_are_told_with_their_number_and_an_administrator_may_have_looked_at_them(scene, monkeypatch):
    monkeypatch.setattr(change_people, "MAX_COMMITS", 2)
    old = [scene.commit(DANA) for _ in range(3)][-1]
    head = scene.commit(BOT)
    people = scene.people(head)
    body = plain("production")
    scene.environments.register(
        "production", {**body, "approval": {**Node(body)["approval"].object(), "reviewed": [old]}}
    )

    assert people.unknown == "SLW065: the change has 4 commits, and at most 2 are looked at"
    assert scene.rule("lead", people) is DecisionReason.UNTOLD
    assert scene.rule("lead", scene.people(head)) is None


def test_a_repository_that_cannot_be_read_tells_nobody(scene):
    people = scene.people("0" * 39 + "1")

    assert (people.unknown[:6], scene.rule("lead", people)) == ("SLW065", DecisionReason.UNTOLD)


def test_a_live_commit_that_the_repository_has_not_counts_as_none(scene):
    scene.commit(EVE)
    scene.live = ("1" * 40,)

    assert scene.rule("eve", scene.people(scene.commit(BOT))) is DecisionReason.AUTHOR


@pytest.mark.parametrize(
    ("starter", "channel", "who", "rule"),
    [
        ("lead", "", "lead", DecisionReason.STARTER),  # a claim against oneself counts
        ("lead", "", "eve", DecisionReason.STARTER),  # claimed to be another than the author
        ("lead", "ssh", "eve", None),
        ("lead@localhost", "system", "lead", DecisionReason.STARTER),
        ("nobody@localhost", "system", "eve", DecisionReason.STARTER),
    ],
)
def test_a_starter_that_no_channel_knows_is_not_believed_to_be_another_than_the_author(
    scene, starter, channel, who, rule
):
    people = replace(scene.people(scene.commit(EVE)), starter=starter, starter_from=channel)
    spec = replace(SPEC, allow_author=True, allow_committer=True)

    assert scene.rule(who, people, spec) is rule
    assert scene.rule("ci-bot", people, spec) is None


def test_an_address_belongs_to_one_identity_whatever_its_case(scene):
    with pytest.raises(RefusedError) as refused:
        scene.addresses.give("lead", "EVE.Adams@corp.example")
    scene.addresses.take("eve", "eve.adams@CORP.example")
    scene.addresses.give("lead", "EVE.Adams@corp.example")

    assert refused.value.code == "SLW062"
    assert scene.addresses.owner("eve.adams@corp.example") == "lead"
    assert scene.addresses.of("eve") == ("eve@localhost",)


def test_a_login_of_another_name_is_owned_once_it_is_given(scene):
    scene.addresses.give("lead", "eve@localhost")

    assert scene.addresses.of("eve") == ("eve.adams@corp.example",)
    assert scene.addresses.owner("eve@localhost") == "lead"
    assert scene.addresses.unowned(("eve@localhost", "root@localhost")) == ("root@localhost",)


@pytest.mark.parametrize("text", ["eve", "Eve <eve@corp.example>", "a@b@c", "", "e ve@corp", "eve@corp,lead@corp"])
def test_what_is_no_address_is_owned_by_nobody(scene, text):
    with pytest.raises(DefinitionError) as refused:
        scene.addresses.give("eve", text)

    assert refused.value.code == "SLW063"


def test_an_identity_that_was_removed_owns_nothing(scene):
    people = scene.people(scene.commit(EVE))
    scene.records.identities.remove("eve")

    assert scene.rule("lead", people) is DecisionReason.UNOWNED
    scene.addresses.give("lead", "eve.adams@corp.example")
    assert scene.rule("lead", people) is DecisionReason.AUTHOR


def test_a_shallow_history_tells_nobody(scene, tmp_path):
    scene.commit(EVE)
    scene.commit(BOT)
    git("clone", "-q", "--depth", "1", f"file://{scene.repo}", str(tmp_path / "cut"))
    with pytest.raises(RefusedError) as refused:
        change_people.read(tmp_path / "cut" / ".git", resolve(tmp_path / "cut", "HEAD"), ())

    assert refused.value.code == "SLW065"
