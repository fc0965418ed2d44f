"""SLW1xx to SLW3xx: YAML syntax, keys and values of a definition, and references within it."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

DOCUMENT = (
    ErrorCode(
        "SLW101",
        "the document is not valid YAML",
        "The YAML parser stopped at the position shown.",
        "Correct the syntax there. Often a quote is not closed, or plain text contains `: `.",
    ),
    ErrorCode(
        "SLW102",
        "the document is not UTF-8",
        "The file contains an invalid byte sequence.",
        "Save the file as UTF-8.",
    ),
    ErrorCode(
        "SLW103",
        "the document is too big",
        "The size of a definition is limited, so that reading it cannot exhaust a worker.",
        "Move parts into components (`uses`) or templates of their own files.",
    ),
    ErrorCode(
        "SLW104",
        "the document is nested too deeply",
        "Deep nesting is a known way to exhaust a parser.",
        "Flatten the structure at the position shown.",
    ),
    ErrorCode(
        "SLW105",
        "a key occurs twice",
        "YAML parsers disagree about which of the two counts, so both are rejected.",
        "Remove one of them, or merge the two.",
    ),
    ErrorCode(
        "SLW106",
        "aliases or templates expand to too much, or an alias has no anchor",
        "A few lines of nested aliases can grow to billions of nodes; the expansion is limited.",
        "Define the anchor before its alias, or repeat fewer parts.",
    ),
    ErrorCode(
        "SLW107",
        "a tab is used for indentation",
        "YAML allows only spaces for indentation.",
        "Replace the tab with spaces.",
    ),
    ErrorCode(
        "SLW108",
        "the file is empty, or holds more than one document",
        "A file holds exactly one definition.",
        "Write the definition, or move what follows `---` into another file.",
    ),
    ErrorCode(
        "SLW109",
        "a text has a NUL character",
        "The kernel ends a script, a variable and a name at the first NUL, so none can be passed on.",
        "Remove the `\\0`; let a script make the byte, as in `printf '\\\\0'`.",
    ),
)

SHAPE = (
    ErrorCode(
        "SLW110",
        "a mapping, a list or the whole document has too many entries",
        "Each key and value costs the worker time, and a definition comes from anybody who can push.",
        "Split the definition into components (`uses`), or let a job make the list at run time (`for-each`).",
    ),
    ErrorCode(
        "SLW111",
        "the document has too many problems",
        "Telling each problem costs time, and nobody reads thousands. What was not checked cannot be valid.",
        "Correct what is told, then check it again.",
    ),
    ErrorCode(
        "SLW201",
        "unknown key",
        "The schema has no such key at this place; ignoring it would hide a typo.",
        "Use the key that the hint suggests, or look it up in docs/pipeline-reference.md.",
    ),
    ErrorCode(
        "SLW202",
        "a required key is missing",
        "The block does not work without it.",
        "Add the key that the message names.",
    ),
    ErrorCode(
        "SLW203",
        "a value has the wrong type, form or range",
        "The value is not one that the schema allows here, or contradicts another value.",
        "Write a value of the form that the message names.",
    ),
    ErrorCode(
        "SLW204",
        "a job has no kind, or more than one",
        "Exactly one of the keys `run`, `build`, `test`, `scan`, `gate`, `approval`, `deploy`, … says what a job does.",
        "Keep one of them; split the job if it does two things.",
    ),
    ErrorCode(
        "SLW205",
        "a name is malformed",
        "Names become parts of ids, paths and Kubernetes labels, which allow few characters.",
        "Use lower case letters, digits and dashes, or the form that the message names.",
    ),
    ErrorCode(
        "SLW206",
        "a value is not one of the allowed ones, or the document has another kind",
        "The value is chosen from a fixed list.",
        "Choose one of the values that the hint lists.",
    ),
    ErrorCode(
        "SLW207",
        "a pattern can never match",
        "Paths are compared from the root, as git writes them; branches and tags by their names.",
        "Write the pattern that the message names.",
    ),
    ErrorCode(
        "SLW210",
        "an approval that can never be granted",
        "It expires at once, or needs more approvals, also from a group, than there are people who may give them.",
        "Name more people, lower the numbers, or register the identities and their groups.",
    ),
)

REFERENCES = (
    ErrorCode(
        "SLW301",
        "unknown job",
        "The definition contains no job of this name.",
        "Correct the name, or add the job.",
    ),
    ErrorCode(
        "SLW302",
        "jobs depend on each other in a cycle",
        "None of the jobs in the cycle could ever start.",
        "Remove one of the `needs` that the message shows.",
    ),
    ErrorCode(
        "SLW303",
        "too many jobs, or too many cells of a matrix",
        "The size of a plan is limited, so that one definition cannot exhaust the engine.",
        "Use fewer axes or values, or split the pipeline.",
    ),
    ErrorCode(
        "SLW304",
        "unknown artifact",
        "The referenced job declares no output artifact of this name.",
        "Correct the name, or add it to `artifacts: {out: …}` of that job.",
    ),
    ErrorCode(
        "SLW305",
        "a gate has no scan to judge",
        "A gate judges the reports of scans among its `needs`, and without one it would pass anything.",
        "Add a scan job to the gate's `needs`.",
    ),
    ErrorCode(
        "SLW306",
        "a job uses the result of a job that is not in its `needs`",
        "Without `needs` the other job may not have run yet.",
        "Add the other job to `needs`.",
    ),
    ErrorCode(
        "SLW307",
        "a secret is unknown, or is a value instead of a name",
        "Many people can read a definition, so it must never contain the value of a secret.",
        "Write the name of a secret, keep its value with `sluiceway secret set`, and name it in the job that uses it.",
    ),
    ErrorCode(
        "SLW308",
        "a matrix is empty or contradicts itself",
        "It produces no job, or its keys exclude each other.",
        "Give each axis a value, exclude only cells that exist, and use `matrix` or `for-each`, not both.",
    ),
    ErrorCode(
        "SLW309",
        "a suppression breaks a rule",
        "An accepted risk needs a reason, a person and an expiry date, so that it comes up again.",
        "Complete the entry; docs/scanning.md shows the rules.",
    ),
    ErrorCode(
        "SLW310",
        "a cluster cannot be built as described",
        "Values of the description contradict each other, or the provider cannot fulfil them.",
        "Change the values that the message names.",
    ),
    ErrorCode(
        "SLW311",
        "the cluster rejects a manifest",
        "The API server rejected the manifest in a dry run.",
        "Correct the field at the line shown.",
    ),
)
