"""Repositories whose settings name programs: each leaves a marker when it runs."""

import os
import shutil
import subprocess
from pathlib import Path

PIPELINE = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\non: {push: {}}\njobs:\n  a: {run: 'true'}\n"
ENV = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    **{
        f"GIT_{who}_{what}": word for who in ("AUTHOR", "COMMITTER") for what, word in (("NAME", "a"), ("EMAIL", "a@b"))
    },
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


def plain(*arguments: object, cwd: Path) -> str:
    """git as a person uses it, with the settings of where it is."""
    done = subprocess.run(["git", *map(str, arguments)], cwd=cwd, env=ENV, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Trap:
    """A hostile folder. Its programs leave a marker."""

    def __init__(self, tmp_path: Path) -> None:
        self.marker = tmp_path / "it-ran"
        self.program = tmp_path / "program"
        self.program.write_text(f'#!/bin/sh\necho "$0 $*" >> {self.marker}\ncat\n')
        self.program.chmod(0o755)
        self.path = tmp_path / "hostile"
        self.path.mkdir()
        plain("init", "-q", "-b", "main", cwd=self.path)
        (self.path / "sluiceway.yaml").write_text(PIPELINE)
        (self.path / "file.txt").write_text("one\n")
        plain("add", "-A", cwd=self.path)
        plain("commit", "-qm", "one", cwd=self.path)
        self.first = plain("rev-parse", "HEAD", cwd=self.path)
        (self.path / "file.txt").write_text("two\n")
        (self.path / ".gitattributes").write_text("* filter=evil diff=evil\n*.txt merge=evil\n")
        plain("add", "-A", cwd=self.path)
        plain("commit", "-qm", "two", cwd=self.path)
        self.head = plain("rev-parse", "HEAD", cwd=self.path)
        (self.path / "file.txt").write_text("dirty\n")

    def set(self, folder: Path | None = None) -> None:
        """All settings that are known to run a program, and hooks."""
        git_dir = folder or self.path / ".git"
        program = self.program
        (git_dir / "more").write_text(f"[core]\n\tfsmonitor = {program}\n")
        with (git_dir / "config").open("a") as file:
            file.write(
                f"[core]\n\tfsmonitor = {program}\n\tsshCommand = {program}\n\thooksPath = {git_dir}/traps\n"
                f"\tpager = {program}\n\taskPass = {program}\n\teditor = {program}\n\tgitProxy = {program}\n"
                f"\talternateRefsCommand = {program}\n"
                f'[filter "evil"]\n\tclean = {program}\n\tsmudge = {program}\n\tprocess = {program}\n\trequired = true\n'
                f'[filter "lfs"]\n\tclean = {program}\n\tsmudge = {program}\n\tprocess = {program}\n'
                f'[diff]\n\texternal = {program}\n[diff "evil"]\n\tcommand = {program}\n\ttextconv = {program}\n'
                f"[gpg]\n\tprogram = {program}\n[log]\n\tshowSignature = true\n"
                f"[credential]\n\thelper = {program}\n[uploadpack]\n\tpackObjectsHook = {program}\n"
                f'[remote "origin"]\n\turl = ssh://x/y\n\tuploadpack = {program}\n\tpromisor = true\n\tproxy = ext::{program}\n'
                f'[protocol]\n\tallow = always\n[include]\n\tpath = more\n[submodule "s"]\n\tupdate = !{program}\n'
                f"[trailer]\n\tifexists = replace\n[alias]\n\tls-files = !{program}\n[maintenance]\n\tauto = true\n"
                f"[extensions]\n\tpartialClone = origin\n[core]\n\trepositoryformatversion = 1\n"
            )
        for name in ("traps", "hooks"):
            (git_dir / name).mkdir(exist_ok=True)
            for hook in ("post-checkout", "post-index-change", "pre-auto-gc", "reference-transaction", "post-receive"):
                shutil.copy(program, git_dir / name / hook)
        (git_dir / "info").mkdir(exist_ok=True)
        (git_dir / "info" / "attributes").write_text("* filter=evil diff=evil\n")
