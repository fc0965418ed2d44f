"""A tag becomes the digest that its registry tells, once; what nobody can tell is refused, with the way out."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from activities.storage.stores.folder import FolderStore
from activities.supply_chain import tags
from activities.supply_chain.attestations import Attestor
from activities.supply_chain.image_admission import ImageAdmissionActivities
from activities.supply_chain.oras_client import refusal
from activities.supply_chain.port import ImageQuestion
from activities.supply_chain.signing import FileSigner
from domain.core.errors import RefusedError, SluicewayError
from domain.supply_chain.image_policy import ImageRule
from workers.core.records import Records

LOGINS = {
    "metadata": 'realm="http://169.254.169.254/latest",service="x"',
    "secure": 'realm="https://169.254.169.254/latest"',
    "plain": 'realm="http://registry.example/token"',
    "file": 'realm="file:///etc/passwd"',
    "nowhere": 'service="x"',
}
DIGEST = f"sha256:{'d' * 64}"


class Played(BaseHTTPRequestHandler):
    """Answers as registries do (distribution-spec): by the tag that it is asked for."""

    asked: list[str]

    def do_HEAD(self) -> None:
        tag = self.path.rpartition("/")[2]
        self.asked.append(f"{self.path} {self.headers['Accept'].partition(',')[0]}")
        if tag in LOGINS:
            self.send_response(401)
            self.send_header("Www-Authenticate", f"Bearer {LOGINS[tag]}".replace("ME", self.headers["Host"]))
            self.end_headers()
            return
        self.send_response({"gone": 404, "busy": 503, "private": 401, "moved": 307}.get(tag, 200))
        if tag == "moved":
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        if tag != "mute":
            self.send_header("Docker-Content-Digest", DIGEST if tag != "odd" else "sha256:../../x")
        self.end_headers()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):  # whoever asked has hung up
            for _ in range(200):
                self.wfile.write(b" " * 100_000)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def played() -> Iterator[tuple[str, list[str]]]:
    class Handler(Played):
        asked = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"127.0.0.1:{server.server_port}/team/shop", Handler.asked
    server.shutdown()
    server.server_close()


def resolved(image: str) -> str:
    """With every registry of this test known."""
    return tags.resolved(image, [image.partition("/")[0]])


def test_a_tag_is_asked_for_by_one_request_for_all_architectures(played):
    name, asked = played
    assert resolved(f"{name}:1") == f"{name}@{DIGEST}"
    assert asked == ["/v2/team/shop/manifests/1 application/vnd.oci.image.index.v1+json"]


def test_what_has_a_digest_is_asked_nobody(played):
    name, asked = played
    assert resolved(f"{name}@{DIGEST}") == f"{name}@{DIGEST}"
    assert asked == []


@pytest.mark.parametrize(
    ("tag", "why"),
    [
        ("gone", "has none of this name"),
        ("private", "nobody who is not logged in"),
        ("moved", "answers 307"),
        ("mute", "without a digest"),
        ("odd", "without a digest"),
        ("Ä", "no name of an image"),
    ],
)
def test_what_no_registry_will_tell_is_refused_with_the_reason(played, tag, why):
    with pytest.raises(RefusedError, match=why) as refused:
        resolved(f"{played[0]}:{tag}")
    assert refused.value.code == "SLW838"


@pytest.mark.parametrize("tag", LOGINS)
def test_a_registry_cannot_send_its_client_to_metadata_or_to_plain_http(played, tag):
    with pytest.raises(RefusedError, match="nobody who is not logged in"):
        resolved(f"{played[0]}:{tag}")


def test_an_answer_without_an_end_is_not_kept(played, monkeypatch):
    monkeypatch.setitem(LOGINS, "endless", 'realm="http://ME/token"')
    with pytest.raises(SluicewayError, match="can say now") as broken:
        resolved(f"{played[0]}:endless")
    assert "more than" in broken.value.why


@pytest.mark.parametrize(
    ("url", "registry", "why"),
    [
        ("https://10.0.0.5/token", "10.0.0.6:5000", ""),  # both inside
        ("https://10.0.0.5/token", "1.1.1.1", "is not public"),
        ("https://127.0.0.1:10250/token", "1.1.1.1", "is not public"),
        ("https://[::ffff:10.0.0.5]/token", "1.1.1.1", "is not public"),
        ("https://8.8.8.8/token", "1.1.1.1", ""),
        ("https://100.100.100.200/x", "10.0.0.6:5000", "metadata"),
        ("http://127.0.0.1:2375/x", "1.1.1.1", "not https"),
    ],
)
def test_a_registry_leads_no_further_inside_than_it_is(url, registry, why):
    found = refusal(url, registry)
    assert why in found
    assert bool(why) is bool(found)


def test_a_registry_that_is_away_for_now_is_asked_again(played):
    with pytest.raises(SluicewayError) as broken:
        resolved(f"{played[0]}:busy")
    assert broken.value.transient


@pytest.fixture
def admitted(tmp_path):
    signer = FileSigner.made(tmp_path / "signing.pem")
    attestor = Attestor(signer, Records.at(tmp_path / "records.db").attestations, FolderStore(tmp_path / "store"))

    async def asked(rule: ImageRule, image: str, earlier=lambda run, job: {}):
        one = ImageAdmissionActivities(lambda environment: rule, attestor, earlier)
        return await one.admit(ImageQuestion(image, "production", "run/web/7.2", daemon=False, job="ship"))

    return asked


def known(name: str) -> ImageRule:
    return ImageRule(registries=(name.partition("/")[0],))


async def test_the_environment_may_leave_tags_to_its_nodes(played, admitted):
    name, asked = played
    assert (await admitted(ImageRule(as_written=True), f"{name}:1")).image == f"{name}:1"
    assert asked == []
    assert (await admitted(known(name), f"{name}:1")).image == f"{name}@{DIGEST}"
    refused = await admitted(known(name), f"{name}:gone")
    assert "production does not admit it" in refused.refusal


async def test_a_rerun_has_the_digest_of_the_run_before_whatever_the_tag_means_by_now(played, admitted):
    name, asked = played
    before = f"{name}@sha256:{'1' * 64}"
    found = await admitted(ImageRule(), f"{name}:1", earlier=lambda run, job: {f"{name}:1": before})
    assert found.image == before
    assert asked == []
    foreign = {f"{name}:1": f"evil.example/shop@sha256:{'1' * 64}"}
    assert (await admitted(known(name), f"{name}:1", earlier=lambda run, job: foreign)).image == f"{name}@{DIGEST}"
