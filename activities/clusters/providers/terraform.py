"""Clusters created by a Terraform module: planned, applied and destroyed, with the state kept here.

`connection.module` is the module's folder. It is copied, so that a cluster can be destroyed after the repository has
changed. `connection.var-NAME` are its variables, as values or as secrets (`secret:NAME`); `cluster` is the whole spec,
as an object, for a module that declares it. Its output `kubeconfig` is the file's content.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import asdict
from pathlib import Path

from activities.clusters import in_cluster as inside
from activities.clusters.external import KUBECONFIG, ElsewhereProvider
from activities.clusters.processes import ProgressCallback, program
from activities.secrets.broker import Broker, closed
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Manifest, Node
from domain.core.errors import SluicewayError
from domain.core.values import Json
from domain.secrets import reference

LIMIT_S = 1800
POLL_S = 0.2
ENV = ("PATH", "HOME", "LANG", "SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY")
"""The worker's environment variables that Terraform gets; cloud credentials are named in `connection.env`."""


class TerraformProvider(ElsewhereProvider):
    """`tools`: folder with the `terraform` program."""

    name = "terraform"

    def __init__(self, root: Path, tools: Path, secrets: Broker | None = None) -> None:
        super().__init__(root)
        self._secrets = secrets or closed()
        self._tools = tools

    def blocker(self, spec: ClusterSpec) -> str:
        """A missing module or program, or variables that cannot be derived from the spec."""
        module = Path(spec.connection.get("module", ""))
        if not spec.connection.get("module") or not list(module.glob("*.tf")):
            return f"connection.module must be a folder with a module, but {module} has no *.tf file"
        try:
            program("terraform", self._tools)
            self._variables(spec)
        except SluicewayError as missing:
            return f"{missing.what}; to fix it: {missing.fix}" if missing.fix else missing.what
        return inside.blocker(spec)

    def _make(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        module = self._module(spec)
        shutil.copytree(Path(spec.connection["module"]), module, dirs_exist_ok=True, ignore=self._not_copied)
        self._run(spec, told, "init", "-input=false")
        self._run(spec, told, "plan", "-input=false", "-out=wanted.tfplan")
        self._run(spec, told, "apply", "-input=false", "wanted.tfplan")
        (module / "wanted.tfplan").unlink(missing_ok=True)

    def _not_copied(self, folder: str, names: list[str]) -> list[str]:
        """State and plans belong to the copy; and the engine's folder may lie inside the module's."""
        state = [name for name in names if name == ".terraform" or ".tfstate" in name or name.endswith(".tfplan")]
        return state + [name for name in names if (Path(folder) / name).resolve() == self.root.resolve()]

    def _module(self, spec: ClusterSpec) -> Path:
        return self.folder(spec) / "module"

    def _unready(self, spec: ClusterSpec) -> str:
        return "" if (self._module(spec) / "terraform.tfstate").exists() else "nothing is applied yet"

    def _kubeconfig(self, spec: ClusterSpec) -> str:
        outputs = Node(_json(self._run(spec, lambda words: None, "output", "-json")))
        text = outputs.at("kubeconfig", "value").text()
        if not text:
            return "the module has no output kubeconfig"
        self._write(spec, KUBECONFIG, text)
        return ""

    def _destroy(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        if self._left(spec):  # a module that Terraform rejects has created nothing, and cannot be destroyed
            self._run(spec, told, "destroy", "-input=false", "-auto-approve")

    def _left(self, spec: ClusterSpec) -> list[str]:
        """Resources still in the state."""
        state = self._module(spec) / "terraform.tfstate"
        try:
            found = Node(json.loads(state.read_text()))["resources"]
        except (OSError, ValueError):
            return []
        return [f"{one['type'].text()}.{one['name'].text()}" for one in found]

    def _variables(self, spec: ClusterSpec) -> dict[str, str]:
        values = {**_given(spec), **self._secrets.values(_wanted(spec), spec.use)}
        return {f"TF_VAR_{key}": value for key, value in values.items()} | {"TF_VAR_cluster": json.dumps(_plain(spec))}

    def _run(self, spec: ClusterSpec, told: ProgressCallback, *arguments: str) -> str:
        """Runs Terraform; returns its output.

        Raises:
            SluicewayError: SLW957, it failed, with its output.
        """
        named = spec.connection.get("env", "").replace(",", " ").split()
        env = {name: os.environ[name] for name in (*ENV, *named) if name in os.environ}
        env |= {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", **self._variables(spec)}
        verb, *rest = arguments
        command = [program("terraform", self._tools), verb, "-no-color", *rest]
        log = self.folder(spec) / "terraform.log"
        with (
            log.open("wb") as out,
            subprocess.Popen(
                command, cwd=self._module(spec), env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            ) as process,
        ):
            _follow(process, told, f"terraform {verb}")
        said = log.read_text("utf-8", "replace")
        if process.returncode:
            why = self._secrets.masker(_wanted(spec)).text(_last(said))
            raise SluicewayError("SLW957", f"terraform {verb} failed", why=why, fix=f"see {log}")
        return said


def _given(spec: ClusterSpec) -> dict[str, str]:
    return {key.removeprefix("var-"): value for key, value in spec.connection.items() if key.startswith("var-")}


def _wanted(spec: ClusterSpec) -> dict[str, str]:
    """Variable to the name of a secret. What names a file or a variable of the worker is kept, to be refused."""
    given = {
        key: value
        for key, value in _given(spec).items()
        if value.startswith(reference.SETTING) or reference.is_free(value)
    }
    return {key: value.removeprefix(reference.SETTING) for key, value in given.items()}


def _follow(process: subprocess.Popen[bytes], told: ProgressCallback, words: str) -> None:
    """Waits for its end; a cancel sends the signal at which Terraform saves its state."""
    deadline = time.monotonic() + LIMIT_S
    try:
        while process.poll() is None:
            told(words)
            if time.monotonic() > deadline:
                raise SluicewayError("SLW957", f"{words} took longer than {LIMIT_S} s")
            time.sleep(POLL_S)
    except BaseException:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


def _last(said: str) -> str:
    """The error message without Terraform's box drawing."""
    lines = [line.strip("╷│╵ ") for line in said.splitlines()]
    begin = next((index for index, line in enumerate(lines) if line.startswith("Error")), max(len(lines) - 5, 0))
    return " ".join(line for line in lines[begin:] if line)[:500]


def _json(said: str) -> Json:
    """Nothing, of what is no JSON."""
    try:
        found: Json = json.loads(said)
    except ValueError:
        return None
    return found


def _plain(spec: ClusterSpec) -> Manifest:
    return {key: value for key, value in asdict(spec).items() if key not in ("connection", "use")}
