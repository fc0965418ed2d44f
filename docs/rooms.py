"""Writes the parts of docs/architecture.md that are read off the tree: `python docs/rooms.py` (make docs)."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"
LAYERS = ("domain", "pipeline_defs", "activities", "workflows", "workers")
ADAPTERS = {
    "activities/jobs/executors": "an executor of jobs",
    "activities/scans/scanners": "a scanner",
    "activities/scans/formats": "a report format of scans",
    "activities/releases/targets": "a target of releases",
    "activities/releases/routers": "a router",
    "activities/releases/rendering": "a source of a release's objects",
    "activities/releases/metric_sources": "a metric source",
    "activities/storage/stores": "an object store",
    "activities/secrets/stores": "a store of secrets",
    "activities/clusters/providers": "a cluster provider",
    "activities/notifications/notifiers": "a notifier",
    "domain/releases/strategies": "a deployment strategy",
}
"""Folder with a registry.py to what one adds there."""
MODEL = {
    "activities/jobs/executors": "`executor` in `pipeline_defs/pipelines/model.py`",
    "activities/scans/scanners": "`tools` in `pipeline_defs/scans/model.py`, `workers/client/scanner_names.py`",
    "activities/scans/formats": "`FORMATS` in `workers/cli/scans.py`",
    "activities/releases/targets": "`target` in `pipeline_defs/releases/model.py`, `domain/releases/capabilities.py`",
    "activities/releases/routers": "`router` in `pipeline_defs/releases/model.py`, `domain/releases/capabilities.py`",
    "activities/releases/rendering": "`SourceKind` in `domain/releases/kubernetes/place.py`, `kubernetes_compile.py`",
    "activities/releases/metric_sources": "`source` in `pipeline_defs/releases/model.py`",
    "activities/clusters/providers": "`provider` in `pipeline_defs/clusters/model.py`",
    "domain/releases/strategies": "`strategy` in `pipeline_defs/releases/model.py`",
}
"""Folder of adapters to where definitions and the command line learn a new name."""
SHARED = {
    "activities/releases/rendering": {"confined", "confined_child", "documents"},
    "activities/scans/formats": {"baseline", "pull_request", "sarif_places", "sarif_reader", "sarif_rules"},
    "domain/releases/strategies": {"steps"},
}
"""Modules of such a folder that no definition can name: readers, and parts that several adapters share."""
OTHERS = (
    (
        "a kind of job",
        "`model.py`, `lint.py` and `compile.py` in `pipeline_defs/FEATURE/`, `workflows/FEATURE/KIND_job.py`",
        "`pipeline_defs/pipelines/job_kinds.py`, `RUNNERS` in `workflows/runs/job_dispatch.py`",
    ),
    ("a rule of approvals", "`domain/approvals/decisions.py`", ""),
    ("a language, kind or class of files", "`domain/scans/files/`", "the table of ways to hide in `docs/scanning.md`"),
    ("a marker that silences a tool", "`MARKERS` in `domain/scans/markers.py`", ""),
    ("a rule of gates, findings, suppressions", "`domain/scans/`", ""),
    ("a rule of the judge", "`domain/releases/judge/`", ""),
    ("a rule of concurrency groups", "`domain/queues/queue.py`", ""),
    ("a rule of repair and autoscaling", "`domain/clusters/`", ""),
    (
        "a kind of the inventory",
        "`domain/inventory/*_shapes.py`, and the function of its row beside it"
        " ([how](how-to/add-a-kind-to-the-inventory.md))",
        "`KINDS` in `domain/inventory/model.py`, `domain/inventory/rows.py`",
    ),
    ("how a cluster is judged by what is in it", "`domain/inventory/rollup.py`", ""),
    ("what a map draws", "`domain/inventory/levels.py`", "`workers/client/topology/maps.py`"),
    (
        "a kind of request",
        "`RequestKind` and its rules in `domain/clusters/requests.py`, its plan in `domain/inventory/request_plan.py`",
        "`domain/authority/request_rules.py`, `workers/cli/requests.py`,"
        " `workers/console/templates/requests/new.html.j2`",
    ),
    (
        "an order of a person to the signer",
        "its kind and proof in `domain/authority/cluster_orders.py` and `order_proofs.py`",
        "`workers/client/on_engine/orders.py`, the table in `docs/authority.md`",
    ),
    (
        "a key of the definition",
        "`pipeline_defs/FEATURE/model.py`, its meaning in `lint.py`, its value in `compile.py`",
        "`make docs`",
    ),
    (
        "a semgrep rule",
        "`activities/scans/scanners/rules/semgrep/`",
        "its weakness, and a labelled line of `tests/corpus`",
    ),
    ("a weakness: its page, samples, severity", "`domain/scans/rules/weaknesses/`", "`make docs`"),
    ("a mechanical fix", "`domain/scans/fixes/`", "`FIXERS` in `rewriting.py`"),
    ("something that people may do", "`domain/access/actions.py`", "its roles in `domain/access/role.py`"),
    ("a rule about rights that every installation has", "`activities/access/policy_engines/`", "`make docs`"),
    (
        "a verb for people, near and far",
        "its Protocol in `workers/client/ports/`, then `workers/client/on_engine/FEATURE/`, `workers/api/routes/`,"
        " `workers/remote/`, and one command in `workers/cli/`",
        "`tests/contracts/client`, `make docs`",
    ),
    ("what the audit records", "`AuditKind` in `domain/access/audit.py`", "where it happens"),
    ("a command", "`workers/cli/NAME.py`", "`COMMANDS` in `workers/cli/main.py`"),
    ("a column of the command `runs`", "`workers/cli/runs.py`", ""),
    (
        "a column of the table of runs",
        "`activities/runs/run_store.py`, `domain/runs/record.py`",
        "`activities/storage/migrations/versions/`",
    ),
    ("an error", "where it is raised", "`domain/core/error_codes/`, `make docs`"),
    ("a table of the database", "`activities/FEATURE/*_store.py`", "`activities/storage/migrations/`"),
    (
        "a page of the console",
        "`workers/console/pages/FEATURE.py`, `workers/console/templates/FEATURE/` ([how](how-to/console-page.md))",
        "`FEATURES` in `workers/console/pages/__init__.py`, `PAGES` in `tests/workers/console/walk.py`",
    ),
    ("a language of the console", "`workers/console/locale/LANGUAGE/*.po`", "`LANGUAGES` in `workers/console/i18n.py`"),
    ("an HTML page", "`activities/FEATURE/NAME.html.j2`, and the code that fills it beside it", ""),
    ("a fault of the chaos run", "`tests/chaos/world.py`", "`tests/chaos/plan.py`"),
)


def words_of(feature: Path) -> str:
    """The first line of the package's docstring."""
    found = ast.get_docstring(ast.parse((feature / "__init__.py").read_text())) or ""
    return found.splitlines()[0].rstrip(".") if found else ""


def features() -> dict[str, dict[str, str]]:
    """Feature to layer to what stands there."""
    found: dict[str, dict[str, str]] = {}
    for layer in LAYERS[:-1]:
        for file in sorted((ROOT / layer).glob("*/__init__.py")):
            if words := words_of(file.parent):
                found.setdefault(file.parent.name, {})[layer] = words
    return found


def feature_table() -> str:
    lines = ["| feature | holds | in |", "|---|---|---|"]
    for name, layers in sorted(features().items()):
        where = " ".join(f"[{layer}](../{layer}/{name})" for layer in layers)
        lines.append(f"| `{name}` | {next(iter(layers.values()))} | {where} |")
    return "\n".join(lines)


def adapters_of(folder: Path) -> list[str]:
    """Names of the files and packages that a registry can name."""
    plumbing = {"registry.py", "port.py", "__init__.py"}
    return sorted(
        path.name.removesuffix(".py")
        for path in folder.iterdir()
        if path.name not in plumbing
        and path.stem not in SHARED.get(str(folder.relative_to(ROOT)), ())
        and (path.suffix == ".py" or (path / "__init__.py").exists())
    )


def rooms() -> str:
    lines = ["| I want to add | write | and one line in | there are |", "|---|---|---|---|"]
    for folder, what in ADAPTERS.items():
        names = ", ".join(adapters_of(ROOT / folder))
        known = f"`{folder}/registry.py`" + (f", {MODEL[folder]}" if folder in MODEL else "")
        lines.append(f"| {what} | `{folder}/NAME.py` | {known} | {names} |")
    lines += [f"| {what} | {where} | {line} | |" for what, where, line in OTHERS]
    return "\n".join(lines)


def page(text: str) -> str:
    """The page with its generated parts as they are now."""
    for name, made in (("features", feature_table()), ("rooms", rooms())):
        begin, end = f"<!-- {name}: made by docs/rooms.py -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{made}\n{end}{rest.partition(end)[2]}"
    return text


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
