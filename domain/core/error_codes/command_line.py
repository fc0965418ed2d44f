"""SLW5xx: command line and settings."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

ALL = (
    ErrorCode(
        "SLW501",
        "a parameter is unknown, missing or invalid",
        "The command or the definition declares which parameters it takes, and of what type.",
        "Give the parameters that the message names, as NAME=VALUE.",
    ),
    ErrorCode(
        "SLW502",
        "an id or a name on the command line is malformed",
        "Ids look like `run/PIPELINE/NUMBER`; the last number alone may be enough.",
        "Copy the id from `sluiceway runs`.",
    ),
    ErrorCode(
        "SLW503",
        "a setting has an invalid value",
        "A variable `SLUICEWAY_…` of the environment is not a number, address or path of the expected form.",
        "Correct or unset the variable that the message names.",
    ),
    ErrorCode(
        "SLW504",
        "the folder is not a git repository",
        "Triggers follow the branches of a repository.",
        "Name the root folder of a clone, or run `git init` there.",
    ),
    ErrorCode(
        "SLW505",
        "the file is not an evidence bundle",
        "It is not a compressed archive with a manifest, as `sluiceway bundle` writes it.",
        "Name the file that `sluiceway bundle RUN` wrote.",
    ),
    ErrorCode(
        "SLW506",
        "the name of an identity is malformed",
        "The name becomes part of a file name and of every signed decision.",
        "Use letters, digits and `.`, `_`, `@`, `-`.",
    ),
    ErrorCode(
        "SLW507",
        "a recording of a release cannot be replayed",
        "Some of its lines are not valid ticks, and a verdict on the others would differ.",
        "Use an unchanged recording.",
    ),
    ErrorCode(
        "SLW508",
        "the address of a repository contains a password",
        "The address is stored, and shown with every run.",
        "Remove the password, and configure a git credential helper or an SSH key.",
    ),
    ErrorCode(
        "SLW509",
        "the repository already has a post-receive hook",
        "Installing ours would overwrite it.",
        "Call `sluiceway hook receive` from the existing hook.",
    ),
)
