"""Seeded edits of the corpus that keep track of every labelled finding: what a baseline must and must not call new.

`python -m tests.corpus.mutations` plays 2,000 of each kind (`SEED=n`, `COUNT=n`) and prints what was missed, that is new and
not called so, and what was falsely new; exit code 0 when nothing was missed and at most 2 % was falsely new.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from dataclasses import dataclass, field

from domain.scans.findings.baseline import compare
from domain.scans.findings.fingerprint import identified, identity
from domain.scans.findings.model import Finding, State
from tests.corpus.edits import Mutation, duplicate, edit, elsewhere, insert, move, reformat, rename, replace_by_two
from tests.corpus.labelled import Tree, findings, original

FALSELY_NEW = 0.02


KINDS: dict[str, tuple[Mutation, ...]] = {
    "insert": (insert,),
    "move": (move,),
    "rename": (rename,),
    "reformat": (reformat,),
    "duplicate": (duplicate,),
    "replace by two": (replace_by_two,),
    "the same elsewhere": (elsewhere,),
    "move and edit": (edit, move),
    "rename and edit": (edit, rename),
    "reformat and move": (reformat, move),
    "rename and duplicate": (duplicate, rename),
    "move and replace": (replace_by_two, move),
    "reformat and replace": (replace_by_two, reformat),
}


@dataclass
class Score:
    kind: str
    played: int = 0
    new: int = 0
    """Findings that are new."""
    known: int = 0
    """Findings that were there before, in the files that were edited."""
    missed: int = 0
    falsely_new: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.missed and self.falsely_new <= FALSELY_NEW * self.played


def play(kind: str, count: int, seed: int) -> Score:
    first, score = original(), Score(kind)
    before = identified([one for _, one in findings(first)])
    for number in range(count):
        draw = random.Random(f"{seed} {kind} {number}")
        tree = Tree(dict(first.files))
        for mutation in KINDS[kind]:
            mutation(tree, draw)
        now = findings(tree)
        touched = {path for path, file in tree.files.items() if first.files.get(path) != file}
        compared = compare(before, [one for _, one in now], set(tree.files))
        _count(score, now, compared.findings, touched, kind == "the same elsewhere")
        score.played += 1
    return score


def _count(
    score: Score, now: list[tuple[int, Finding]], states: tuple[Finding, ...], touched: set[str], strict: bool
) -> None:
    """By identity: of two twins it is no matter which one is called new. Strict: also what could have moved."""
    new: Counter[object] = Counter()
    said: Counter[object] = Counter()
    for (id_, one), stated in zip(now, states, strict=True):
        new[identity(one)] += id_ >= 1_000_000
        said[identity(one)] += stated.state is State.NEW
        score.known += id_ < 1_000_000 and one.path in touched
        score.new += id_ >= 1_000_000
    for key in new | said:
        if said[key] < new[key]:
            score.missed += new[key] - said[key]
            score.examples.append(f"missed: {key}")
        if said[key] > new[key]:
            score.falsely_new += said[key] - new[key]
            score.examples.append(f"falsely new: {key}")


def main() -> int:
    seed, count = int(os.environ.get("SEED", "1")), int(os.environ.get("COUNT", "2000"))
    print(json.dumps({"labelled findings": len(findings(original())), "seed": seed}))
    good = True
    for kind in KINDS:
        score = play(kind, count, seed)
        good &= score.good
        shown = {
            "kind": kind,
            "mutations": score.played,
            "new": score.new,
            "missed": score.missed,
            "known": score.known,
        }
        print(json.dumps({**shown, "falsely new": score.falsely_new, "examples": score.examples[:3]}), flush=True)
    print("held" if good else "not held")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
