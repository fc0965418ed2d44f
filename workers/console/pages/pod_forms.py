"""The form of a pod as it was sent, and the pod that it asks for."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from domain.core.errors import DefinitionError
from domain.pods.form import MOST_ENTRIES, MOST_FILE_BYTES
from workers.client.ports.pods import MOST_MANIFEST, PodForm, PodRequest
from workers.console.marks import N_

LONGEST = 32_768
"""Characters of a field of several lines."""
FILES = (1, 2, 3)
"""Numbers of the form's files."""
EXAMPLE = """\
apiVersion: v1
kind: Pod
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: main
      image: registry.example/hello:1
      command: [sh, -c, "echo hello; sleep 60"]
      securityContext:
        allowPrivilegeEscalation: false
        capabilities: {drop: [ALL]}
      resources:
        requests: {cpu: 100m, memory: 64Mi}
        limits: {cpu: 500m, memory: 128Mi}
"""
DEFAULTS: Mapping[str, str] = {
    "namespace": "default",
    "cpu": "0.5",
    "memory": "128",
    "timeout": "3600",
    "manifest": EXAMPLE,
}
PLAIN = ("cluster", "namespace", "name", "image", "command", "env", "secrets", "ports", "cpu", "memory", "timeout")


@dataclass
class SentForm:
    """What was typed, and what of it is none of what its field asks for, by field."""

    expert: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, longest: int = LONGEST) -> str:
        """As it was typed, cut to a bound."""
        return self.typed.get(name, "")[:longest]

    def number(self, name: str) -> float:
        """0: nothing was typed, or no number."""
        text = self.text(name, 40).strip()
        try:
            found = float(text or 0)
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            self.errors[name] = N_("This is no number.")
            return 0
        return found

    def pairs(self, name: str) -> dict[str, str]:
        """Lines of NAME=VALUE."""
        found = {}
        for line in self.text(name).splitlines()[: MOST_ENTRIES + 1]:
            key, equals, value = line.partition("=")
            if line.strip() and not (equals and key.strip()):
                self.errors[name] = N_("Each line is NAME=VALUE.")
            elif line.strip():
                found[key.strip()] = value
        return found

    def whole(self, name: str) -> tuple[int, ...]:
        """Whole numbers, with commas or spaces between them."""
        words = self.text(name, 2_000).replace(",", " ").split()
        if not all(word.isascii() and word.isdecimal() and len(word) < 8 for word in words):
            self.errors[name] = N_("Ports are numbers with commas between them.")
            return ()
        return tuple(map(int, words))

    def words(self, name: str) -> tuple[str, ...]:
        """Words as a shell splits them."""
        try:
            return tuple(shlex.split(self.text(name, 8_000)))
        except ValueError:
            self.errors[name] = N_("A quote has no end.")
            return ()


def sent(data: Mapping[str, str]) -> SentForm:
    """Of a form's fields; what is not there counts as empty."""
    return SentForm(data.get("mode", "") == "expert", data)


def begun(given: Mapping[str, str], *, expert: bool) -> SentForm:
    """An empty form with sensible values, and what the address says already."""
    return SentForm(expert, {**DEFAULTS, **{name: text for name, text in given.items() if text}})


def request_of(form: SentForm) -> PodRequest:
    """What it asks for; `form.errors` says what could not be read."""
    timeout = form.number("timeout")
    if form.expert:
        made, manifest = PodForm(), form.text("manifest", MOST_MANIFEST + 1)
    else:
        made, manifest = _pod(form), ""
    return PodRequest(
        cluster=form.text("cluster", 100).strip(),
        namespace=form.text("namespace", 100).strip() or "default",
        name=form.text("name", 100).strip(),
        form=made,
        manifest=manifest,
        timeout_s=timeout or 3_600,
        idempotent=form.typed.get("idempotent") == "1",
    )


def _pod(form: SentForm) -> PodForm:
    cpu, memory = form.number("cpu"), form.number("memory")
    return PodForm(
        image=form.text("image", 500).strip(),
        command=form.words("command"),
        env=form.pairs("env"),
        secrets={name: secret.strip() for name, secret in form.pairs("secrets").items()},
        ports=form.whole("ports"),
        cpu=cpu,
        memory_mb=int(min(max(memory, -1), 1e9)),
        files={
            path: form.text(f"file-text-{at}", MOST_FILE_BYTES + 1).replace("\r\n", "\n")
            for at in FILES
            if (path := form.text(f"file-path-{at}", 500).strip())
        },
    )


def packed(asked: PodRequest) -> str:
    """As a plan's page hands it on to what starts it."""
    return msgspec.json.encode(asked).decode()


def unpacked(text: str) -> PodRequest:
    """Raises:
    DefinitionError: SLW466, it is none.
    """
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"), type=PodRequest)
    except (msgspec.MsgspecError, RecursionError) as odd:
        raise DefinitionError("SLW466", "no pod can be made of this", why=str(odd)[:200]) from odd
