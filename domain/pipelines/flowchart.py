"""A plan as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html), which GitHub and GitLab draw."""

from __future__ import annotations

from collections.abc import Sequence

from domain.pipelines.job import DEPLOYING, Job, JobKind
from domain.pipelines.plan import Plan

_SHAPES = {
    JobKind.GATE: ("{{", "}}"),
    JobKind.APPROVAL: ("([", "])"),
    JobKind.DEPLOY: ("[[", "]]"),
    JobKind.ARGOCD_SYNC: ("[[", "]]"),
    JobKind.PROVISION: ("[(", ")]"),
    JobKind.VOLUME: ("[(", ")]"),
    JobKind.SCAN: ("[/", "/]"),
}
_BOX = ("[", "]")


def flowchart(plan: Plan) -> str:
    """One node per job (one for a whole matrix), a box per stage; jobs that will be skipped are dashed."""
    groups: dict[str, list[Job]] = {}
    for job in plan.jobs:
        groups.setdefault(job.group, []).append(job)
    ids = {group: f"j{number}" for number, group in enumerate(groups)}
    lines = ["flowchart LR"]
    for number, stage in enumerate(plan.stages):
        inside = [group for group, cells in groups.items() if cells[0].stage == stage]
        lines.append(f'  subgraph s{number}["{_text(stage)}"]')
        lines += [f"    {ids[group]}{_node(groups[group])}" for group in inside]
        lines.append("  end")
    for group, cells in groups.items():
        lines += [f"  {ids[need]} --> {ids[group]}" for need in cells[0].needs if need in ids]
    skipped = [ids[group] for group, cells in groups.items() if all(cell.skip for cell in cells)]
    if skipped:
        lines += ["  classDef skipped stroke-dasharray: 4 4,opacity: 0.6", f"  class {','.join(skipped)} skipped"]
    return "\n".join(lines) + "\n"


def _node(cells: Sequence[Job]) -> str:
    job = cells[0]
    before, after = _SHAPES.get(job.kind, _BOX)
    many = f", {len(cells)} cells" if len(cells) > 1 else ", for each" if job.for_each else ""
    kind = str(job.kind) + (f" to {job.environment}" if job.kind in DEPLOYING and job.environment else "")
    below = f"<br/>{_text(kind)}" if kind != job.group else ""
    return f'{before}"{_text(job.group + many)}{below}"{after}'


def _text(text: str) -> str:
    """Escapes the characters that mean something to Mermaid inside quotes."""
    for sign, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;"), ("\n", " ")):
        text = text.replace(sign, entity)
    return text
