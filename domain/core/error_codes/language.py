"""SLW4xx, SLW6xx and SLW7xx: expressions, reuse, and requirements on tools and targets."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

EXPRESSIONS = (
    ErrorCode(
        "SLW401",
        "an expression cannot be parsed",
        "The text between `${{` and `}}`, or a condition, does not follow the grammar.",
        "Correct it at the position shown; docs/pipeline-reference.md has the grammar.",
    ),
    ErrorCode(
        "SLW402",
        "unknown name in an expression",
        "Only names of the context at this place are available.",
        "Use the name that the hint suggests.",
    ),
    ErrorCode(
        "SLW403",
        "unknown function in an expression",
        "The language has a small, fixed set of functions.",
        "Use one of the functions that the hint lists.",
    ),
    ErrorCode(
        "SLW404",
        "an expression has the wrong type",
        "Types are checked before the run, so that a condition cannot fail in the middle of it.",
        "Use values of the same type, and the type expected here.",
    ),
    ErrorCode(
        "SLW405",
        "an expression is not allowed here",
        "Its value would be executed as code (script injection).",
        "Put the expression into `env`, and use the variable in the script.",
    ),
)

REUSE = (
    ErrorCode(
        "SLW601",
        "a file cannot be read, or has the wrong kind",
        "The path is wrong, leaves the repository, is not part of the commit, or leads to another kind of document.",
        "Correct the path; paths are relative to the file that names them.",
    ),
    ErrorCode(
        "SLW602",
        "the inputs of a component are invalid",
        "`with` has a missing, unknown or mistyped input.",
        "Give what the component declares under `params`.",
    ),
    ErrorCode(
        "SLW603",
        "components use each other in a cycle",
        "The expansion would never end.",
        "Remove one of the `uses` that the message shows.",
    ),
    ErrorCode(
        "SLW604",
        "a reference to another repository is not allowed, or cannot be fetched",
        "Only git addresses without a password are allowed, and the repository must answer.",
        "Write `git+https://HOST/REPO@COMMIT#PATH`; leave passwords to a git credential helper.",
    ),
    ErrorCode(
        "SLW605",
        "a reference to another repository is not pinned",
        "A branch or tag can be changed by others later; a commit id cannot.",
        "Pin the reference to the full commit id.",
    ),
    ErrorCode(
        "SLW606",
        "unknown template",
        "`extends` names a template that the definition does not contain.",
        "Correct the name, or add it to `templates`.",
    ),
    ErrorCode(
        "SLW607",
        "templates extend each other in a cycle",
        "None of them could ever be completed.",
        "Remove one of the `extends` that the message shows.",
    ),
)

CAPABILITIES = (
    ErrorCode(
        "SLW701",
        "a strategy, tool or executor is not available",
        "This version does not include it.",
        "Use a name that the hint lists.",
    ),
    ErrorCode(
        "SLW702",
        "an option has no effect here",
        "The option belongs to another kind of job, strategy or target; ignoring it would mislead.",
        "Remove it, or choose the kind that it is for.",
    ),
    ErrorCode(
        "SLW703",
        "the target does not support the strategy",
        "Shifting traffic, mirroring and scaling require support by the target and its router.",
        "Choose another strategy, or a target and router that can; docs/releases.md has the table.",
    ),
    ErrorCode(
        "SLW704",
        "a metric query cannot be judged",
        "The judge compares increases of counters between two versions; gauges, rates and averages hide them.",
        "Query a counter (`…_total`, `…_count`, `…_bucket`, `…_sum`) with the `{{version}}` selector.",
    ),
    ErrorCode(
        "SLW705",
        "a manifest holds what a release may not have",
        "It reaches beyond the release's own pods; a commit cannot give itself that, and a registered environment can.",
        "Remove it, or have the environment allow it by the name that the hint says.",
    ),
    ErrorCode(
        "SLW706",
        "no release can be made of these objects",
        "`sluiceway import` found no single Rollout or Canary, not its pods, or something that no release may have.",
        "Give it the file with the object, its Deployment and Services; docs/how-to/ has a page for each tool.",
    ),
    ErrorCode(
        "SLW707",
        "an image of a release to a cluster is named by a tag",
        "Its digest is looked up when the release is admitted: a later run of the same commit may release other bytes.",
        "Name it by its digest, such as the output `reference` of a build job.",
    ),
    ErrorCode(
        "SLW708",
        "a cluster cannot do what a release wants, by what was last read of it",
        "`cluster.facts.yaml`, or what is kept with a cluster of the registered environment, says what it had when it"
        " was read. It can be out of date: this is a warning, and the release asks the cluster itself before it touches"
        " anything.",
        "Write the file again with `sluiceway cluster facts NAME`, see `sluiceway cluster show NAME`, or do without"
        " what the cluster lacks.",
    ),
    ErrorCode(
        "SLW709",
        "several services are released as one to one place only",
        "The environment is registered with clusters in waves, and each of them would have other versions meanwhile.",
        "Write a deploy job for each service, or release to an environment with one cluster.",
    ),
)
