"""Reads what somebody wants a cluster to be, out of templates and texts; no file of this machine is read for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from domain.clusters import compatibility
from domain.clusters.spec import ClusterSpec, of_the_machine
from domain.clusters.spec import complaints as spec_complaints
from domain.core import names
from domain.secrets.rules import SecretUse
from workers.client.on_engine.runs.named_starts import KINDS
from workers.client.ports.clusters import ClusterTemplateRow, ClusterWish, PlanRemark
from workers.client.ports.runs import ParamField

if TYPE_CHECKING:
    from pipeline_defs.core.diagnostics import Diagnostic

FOLDER = "cluster-templates"
"""Of the home: templates that its owner puts there, a file each. One of the name of an example takes its place."""
MOST_TEMPLATES, MOST_BYTES, MOST_REMARKS = 100, 200_000, 100
FILE = "definition.yaml"


@dataclass(frozen=True)
class Read:
    """`spec` None: it cannot be read."""

    spec: ClusterSpec | None
    remarks: tuple[PlanRemark, ...] = ()


def templates_of(home: Path) -> dict[str, str]:
    """Name to YAML: the engine's examples, and those of the home. What cannot be read is left out."""
    import pipeline_defs

    examples = Path(pipeline_defs.__file__).parent / "examples" / "clusters"
    found: dict[str, str] = {}
    for folder in (examples, home / FOLDER):
        for path in sorted(folder.glob("*.yaml"))[:MOST_TEMPLATES]:
            try:
                text = path.read_bytes()[: MOST_BYTES + 1].decode()
            except (OSError, UnicodeDecodeError):
                continue
            if len(text) <= MOST_BYTES and "kind: ClusterTemplate" in text and names.is_name(path.stem):
                found[path.stem] = text
    return dict(sorted(found.items())[:MOST_TEMPLATES])


def row_of(name: str, text: str) -> ClusterTemplateRow | None:
    """A template with the fields of its form; None: it is not valid."""
    from pipeline_defs.clusters.compile import KINDS as DOCUMENTS
    from pipeline_defs.clusters.model import ClusterTemplate
    from pipeline_defs.core import reader

    source = reader.parse(text.encode(), name, DOCUMENTS).source
    if source is None or not isinstance(source.document, ClusterTemplate):
        return None
    document = source.document
    fields = tuple(
        ParamField(
            name=key,
            kind=KINDS.get(one.type, "text"),
            default=_shown(one.default),
            choices=tuple(map(str, one.choices)),
            required=one.required and one.default is None,
            about=one.description,
        )
        for key, one in document.params.items()
    )
    provider = document.cluster.get("provider", "")
    shown = provider if isinstance(provider, str) and "${{" not in provider else ""
    return ClusterTemplateRow(name=name, about=document.description, provider=shown, params=fields, text=text)


def _shown(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def read(wish: ClusterWish, templates: Mapping[str, str], before: ClusterSpec | None, *, by_hand: bool) -> Read:
    """What a `create` describes. `before`: what the cluster is now, if it is; how its provider is reached may stay.
    `by_hand`: the owner of the home, who may name files of their own machine.
    """
    from pipeline_defs.clusters import compile as clusters
    from pipeline_defs.core import reader
    from pipeline_defs.core.reader import UsedFiles

    def read_file(path: str) -> bytes | None:
        """A template by its name, with or without an end; there are no other files."""
        text = templates.get(PurePosixPath(path).name.removesuffix(".yaml"))
        return text.encode() if text is not None else None

    try:
        text, places = _text(wish)
        parsed = reader.parse(text.encode(), FILE, clusters.KINDS)
        found = list(parsed.diagnostics)
        spec = None
        if parsed.source is not None:
            values = {} if wish.template else dict(wish.values)
            spec, more = clusters.try_compile(parsed.source, UsedFiles(read_file, clusters.KINDS), values, wish.name)
            found += more
    except UnicodeEncodeError:
        return Read(None, (PlanRemark(code="SLW203", severity="error", what="a text holds half of a surrogate pair"),))
    except ValueError as wrong:
        said = PlanRemark(code="SLW101", severity="error", what=f"the settings are no JSON: {wrong}"[:300])
        return Read(None, (said,))
    if spec is None:
        return Read(None, tuple(_remark(one, places=places) for one in found[:MOST_REMARKS]))
    of_spec = {words: ".".join(map(str, path)) for path, words in spec_complaints(spec)}
    told = [_remark(one, of_spec.get(one.message, ""), places=places) for one in found]
    told += [_fitting(one) for one in compatibility.remarks(spec)]
    told += [] if by_hand else _of_the_machine(spec, before)
    if spec.name != wish.name:
        what = f"the definition is of cluster {spec.name}, and {wish.name} was asked for"
        told.append(PlanRemark(code="SLW205", severity="error", what=what))
    return Read(replace(spec, use=SecretUse(by_hand=True)), tuple(told[:MOST_REMARKS]))


def _text(wish: ClusterWish) -> tuple[str, bool]:
    """The definition, and whether it is the person's own text, with places in it.

    Raises:
        ValueError: the settings are no JSON object.
    """
    if wish.text and not wish.template:
        return wish.text[: MOST_BYTES + 1], True
    settings = json.loads(wish.settings) if wish.settings else {}
    if not isinstance(settings, dict):
        raise ValueError("they are no object")
    head = {"apiVersion": "sluiceway/v1", "kind": "Cluster", "name": wish.name}
    from_template = {"template": wish.template, "with": dict(wish.values)} if wish.template else {}
    own = {"cluster": settings} if settings else {}
    return json.dumps({**head, **from_template, **own}, ensure_ascii=False), False


def _remark(one: Diagnostic, path: str = "", *, places: bool) -> PlanRemark:
    token = f" [{one.token}]" if one.token else ""
    where = {"line": one.line, "column": one.column} if places and one.file == FILE else {}
    return PlanRemark(code=one.code, severity=one.severity, what=one.message + token, path=path, fix=one.hint, **where)


def _fitting(one: compatibility.Remark) -> PlanRemark:
    severity = "error" if one.prevents else "warning"
    return PlanRemark(code="SLW310", severity=severity, what=one.words, path=".".join(map(str, one.path)))


def _of_the_machine(spec: ClusterSpec, before: ClusterSpec | None) -> list[PlanRemark]:
    """The signer refuses it, too; this says it before anything is signed."""
    taken = of_the_machine(spec.provider, spec.connection)
    if not taken or (before is not None and before.connection == spec.connection):
        return []
    what = f"{taken} names a folder, a file or a variable of the engine's machine"
    fix = "keep the value as a secret and write secret:NAME, or create the cluster by a command on that machine"
    return [PlanRemark(code="SLW040", severity="error", what=what, path=taken, fix=fix)]
