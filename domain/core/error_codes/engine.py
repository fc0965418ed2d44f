"""SLW90x to SLW93x: the engine's processes, and runs."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

PROCESSES = (
    ErrorCode(
        "SLW901",
        "no engine runs for this home",
        "It was never started here, was stopped, or SLUICEWAY_HOME points elsewhere.",
        "Start it with `sluiceway up`.",
    ),
    ErrorCode(
        "SLW902",
        "the engine does not answer",
        "The Temporal server at the configured address cannot be reached.",
        "Check the address; a local engine is started by `sluiceway up`.",
    ),
    ErrorCode(
        "SLW903",
        "a process of the engine did not start",
        "The server or the worker exited at once; its last output is in the message.",
        "Correct the cause shown there, often a port in use, then run `sluiceway up` again.",
    ),
    ErrorCode(
        "SLW904",
        "a delivery was not accepted",
        "The pipeline's workflow refused to start a run for it.",
        "Correct what the message names, and deliver again.",
    ),
    ErrorCode(
        "SLW905",
        "a request was refused",
        "The run, release or queue does not allow it in its current state.",
        "See its state with `sluiceway show`.",
    ),
    ErrorCode(
        "SLW906",
        "a run or release cannot answer yet",
        "No worker that knows its version is free to answer the question.",
        "Check that a worker runs with `sluiceway status`, and ask again.",
    ),
    ErrorCode(
        "SLW907",
        "there is no running run or release with this id",
        "It has ended, or the id is wrong.",
        "List them with `sluiceway runs`.",
    ),
    ErrorCode(
        "SLW908",
        "a concurrency group has no entries",
        "Nothing holds or waits for a slot in it.",
        "List the groups with `sluiceway queues`.",
    ),
    ErrorCode(
        "SLW909",
        "an engine is configured, and another one would start beside it",
        "With SLUICEWAY_ADDRESS all commands talk to that Temporal server; an embedded one would be used by nobody.",
        "Run a worker for it with `sluiceway worker`, or unset SLUICEWAY_ADDRESS.",
    ),
    ErrorCode(
        "SLW910",
        "no worker serves the configured engine",
        "The Temporal server answers, but nobody polls the task queue in this namespace: what starts there waits.",
        "Start one with `sluiceway worker`, with the same SLUICEWAY_ADDRESS and SLUICEWAY_NAMESPACE.",
    ),
    ErrorCode(
        "SLW914",
        "the server does not accept a worker's version",
        "Its worker deployment cannot be made current.",
        "Check the server's version against docs/upgrades.md.",
    ),
    ErrorCode(
        "SLW916",
        "a message cannot be written as JSON",
        "A value holds a lone surrogate, a number that is not finite, or more levels than can be written.",
        "Look at the outputs, parameters and names of the job that the message is about.",
    ),
    ErrorCode(
        "SLW917",
        "the engine meets an error with a workflow",
        "Its task fails each time that a worker tries it. Nothing is lost: a repaired worker goes on from there.",
        "Replace the worker by a repaired version, or end the run with `sluiceway cancel`, which works meanwhile.",
    ),
    ErrorCode(
        "SLW918",
        "a run or release was terminated",
        "It was ended from outside, without its own end: by `sluiceway cancel` because it only met errors, or in"
        " Temporal.",
        "See what was recorded with `sluiceway show`; start a new run.",
    ),
    ErrorCode(
        "SLW920",
        "a push of the demo started no run",
        "The hook of the demo's repository did not reach the engine.",
        "Run the demo again; the message has the hook's output.",
    ),
)

RUNS = (
    ErrorCode(
        "SLW911",
        "there is no record of a run",
        "The id is wrong, or the run was removed after its retention.",
        "List the recorded runs with `sluiceway runs`.",
    ),
    ErrorCode(
        "SLW912",
        "an evidence bundle was changed",
        "A file in it does not match the manifest, or is missing.",
        "Write the bundle again with `sluiceway bundle`, and find out who changed this one.",
    ),
    ErrorCode(
        "SLW913",
        "a run has no report",
        "The report is written when the run ends.",
        "Wait for its end, or look at it with `sluiceway show`.",
    ),
    ErrorCode(
        "SLW915",
        "the run has no such job, or it did not run",
        "The job was skipped, has not started, or its name is wrong.",
        "See the jobs of the run with `sluiceway show`.",
    ),
    ErrorCode(
        "SLW919",
        "the record of a run belongs to another run",
        "A new Temporal server started a run under a recorded name, or an ended run was reset. Records are not merged.",
        "Start a new run: it gets a number above all that are recorded.",
    ),
    ErrorCode(
        "SLW921",
        "there is nothing to run again",
        "Every job has passed, or was skipped on purpose.",
        "Name jobs, or use `--all`.",
    ),
    ErrorCode(
        "SLW922",
        "a rerun names an unknown job",
        "Job names are those of the run's plan; matrix jobs include the cell.",
        "Copy the name from `sluiceway show`.",
    ),
    ErrorCode(
        "SLW923",
        "the run to be rerun is still running",
        "A rerun reuses results, which are complete only at the end.",
        "Wait for its end, or cancel it.",
    ),
    ErrorCode(
        "SLW924",
        "a run has no plan",
        "Its definition had errors, so no job was ever planned.",
        "Correct the definition, and start a new run.",
    ),
    ErrorCode(
        "SLW925",
        "the changed definition has errors",
        "A rerun with the changed definition needs one without errors.",
        "Correct the lines that the message lists.",
    ),
    ErrorCode(
        "SLW926",
        "a run was recorded without its definition's path",
        "An older version recorded it.",
        "Rerun it without the change, or start a new run.",
    ),
    ErrorCode(
        "SLW927",
        "the branch or tag of a run is gone",
        "A rerun with the changed definition reads its newest commit, and it was deleted.",
        "Rerun without the change.",
    ),
    ErrorCode(
        "SLW928",
        "the changed definition has no trigger for the run's event",
        "Its `on` no longer names the event, or its filters exclude it.",
        "Correct `on`, or rerun without the change.",
    ),
    ErrorCode(
        "SLW931",
        "there is no pipeline test here",
        "Tests of pipelines are files named `*.test.yaml`.",
        "Write one; docs/testing.md shows how.",
    ),
    ErrorCode(
        "SLW932",
        "a simulated run did not end",
        "It waits for something that its case does not provide, such as an approval.",
        "Add it to the case; the message names it.",
    ),
)
