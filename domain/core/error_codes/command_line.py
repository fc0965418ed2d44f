"""SLW5xx: command line and settings."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

ALL = (
    ErrorCode(
        "SLW501",
        "a parameter is unknown, missing or has a wrong value",
        "The command or the definition declares which parameters it takes, and of what type.",
        "Give the parameters that the message names, as NAME=VALUE.",
    ),
    ErrorCode(
        "SLW502",
        "an id or a name on the command line has the wrong form",
        "Ids look like `run/PIPELINE/NUMBER`; the last number alone may be enough.",
        "Copy the id from `sluiceway runs`.",
    ),
    ErrorCode(
        "SLW503",
        "a setting has a value that is not allowed",
        "A variable `SLUICEWAY_…` of the environment is not a number, address or path of the expected form.",
        "Correct or unset the variable that the message names.",
    ),
    ErrorCode(
        "SLW504",
        "the folder is not a git repository",
        "Triggers follow the branches of a repository.",
        "Name the top folder of a clone, or run `git init` there.",
    ),
    ErrorCode(
        "SLW505",
        "the file is not an evidence bundle",
        "It is not a compressed archive with a manifest, as `sluiceway bundle` writes it.",
        "Name the file that `sluiceway bundle RUN` wrote.",
    ),
    ErrorCode(
        "SLW506",
        "the name of an identity has the wrong form",
        "The name becomes part of a file name and of every signed decision.",
        "Use letters, digits and `.`, `_`, `@`, `-`.",
    ),
    ErrorCode(
        "SLW507",
        "a recording of a release cannot be judged again",
        "Some of its lines are not ticks as the observer writes them, and a verdict on the rest would be another one.",
        "Use an unchanged recording.",
    ),
    ErrorCode(
        "SLW508",
        "the address of a repository carries a password",
        "The address is stored, and shown with every run.",
        "Leave the password out, and give git a credential helper or an ssh key.",
    ),
    ErrorCode(
        "SLW509",
        "the repository already has a post-receive hook",
        "Installing ours would overwrite it.",
        "Call `sluiceway hook receive` from the existing hook.",
    ),
)
