"""git as a subprocess: in repositories of ours, and about those of others through views of them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from activities.source import views
from domain.core.errors import SluicewayError

PROTOCOLS = "file:git:http:https:ssh"
"""Not ext, which runs a command from the address."""
NO_LFS = (
    *("-c", "filter.lfs.process=", "-c", "filter.lfs.smudge=", "-c", "filter.lfs.clean="),
    *("-c", "filter.lfs.required=false"),
)
"""Options: files as they are, whatever this machine's own settings of git-lfs."""
_OPTIONS = (
    *("-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "maintenance.auto=false"),
    *("-c", "core.fsmonitor=false", "-c", "submodule.recurse=false", "-c", "fetch.recurseSubmodules=false"),
    *("-c", "log.showSignature=false", "-c", "init.templateDir="),
)
_READS = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_NO_LAZY_FETCH": "1", "GIT_ATTR_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0"}
"""Objects as their ids say, none that is fetched on the way, no settings of the machine about files."""
_NOBODYS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def git(
    *arguments: str,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    timeout_s: float = 300,
    umask: int = -1,
    remote: bool = False,
) -> bytes:
    """The output of a git command in a repository of ours, whose settings count: `read` is for all others.

    Without prompts, hooks, replaced objects, and settings of the machine and the user. `umask`: of the files that it
    writes; -1: this process's own. `remote`: with the settings of the machine and the user, whose passwords, proxies
    and ssh are meant.

    Raises:
        SluicewayError: git failed; its message is kept.
    """
    command = ["git", *_OPTIONS, *arguments]
    environment = {**_clean_env(), **({} if remote else _NOBODYS), **(env or {})}
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, timeout=timeout_s, check=False, umask=umask
        )
    except (FileNotFoundError, NotADirectoryError):
        if cwd is not None and not cwd.is_dir():
            raise SluicewayError("SLW813", "the folder does not exist", where=str(cwd)) from None
        raise SluicewayError("SLW811", "git is not installed", fix="install git") from None
    except subprocess.TimeoutExpired:
        what = f"git {arguments[0]} took longer than {timeout_s:.0f} s"
        raise SluicewayError("SLW812", what, transient=True) from None
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip()
        what = f"git {' '.join(arguments[:2])} failed"
        raise SluicewayError("SLW813", what, why=words or "git printed nothing", transient=True)
    return done.stdout


def read(
    *arguments: str, repo: Path, work_tree: bool = False, env: dict[str, str] | None = None, timeout_s: float = 300
) -> bytes:
    """The output of a git command about the repository that a folder is in, of which nothing runs: see `views`.

    `work_tree`: about the folder's files too.

    Raises:
        SluicewayError: git failed; or, see `views.opened`, there is no repository as it should be.
    """
    with views.opened(repo, index=work_tree) as (view, found):
        if not work_tree:
            return git("--git-dir", str(view), *arguments, cwd=view, env=env, timeout_s=timeout_s)
        if found.top is None:
            raise SluicewayError("SLW813", "the repository has no work tree", where=str(repo))
        at = ("--git-dir", str(view), "--work-tree", str(found.top))
        return git(*at, *arguments, cwd=repo, env=env, timeout_s=timeout_s)


def _clean_env() -> dict[str, str]:
    """Hooks set GIT_DIR and more, which would redirect our commands."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": PROTOCOLS, "LC_ALL": "C.UTF-8", **_READS}
