"""What happens to the files of real jobs: modes, links, times."""

import os

import pytest

from activities.core import serialization as serial
from activities.jobs.logs import parse
from domain.jobs.result import JobResult
from tests.support.lab import Lab


async def ended(lab: Lab, text: str) -> dict[str, JobResult]:
    run = await lab.start("jobs:\n" + text, {"site/index.html": "hello"})
    await lab.result(run)
    return {row["job"]: serial.load(JobResult, row["result"]) for row in lab.records.runs.jobs(run)}


def said(lab: Lab, result: JobResult) -> list[str]:
    assert result.status == "passed", result.reason
    return [line.text for line in parse(lab.wired.store.get(result.log)) if line.stream == "out"]


@pytest.fixture
def private_worker():
    """A worker with the umask of a careful person."""
    before = os.umask(0o077)
    yield
    os.umask(before)


async def test_files_of_checkouts_steps_and_artifacts_are_readable_by_all_and_homes_are_not(lab: Lab, private_worker):
    look = "stat -c '%a %n' . site site/index.html out out/a out/tool out/key ~ \"$TMPDIR\" | sed 's| /.*||'"
    results = await ended(
        lab,
        f"""  make:
    run: umask; mkdir out; touch out/a out/tool out/key; chmod +x out/tool; chmod 600 out/key; {look}
    artifacts: {{out: {{o: out}}}}
  use: {{needs: make, artifacts: {{in: make.o}}, run: umask; {look}}}
""",
    )
    modes = ["755 .", "755 site", "644 site/index.html", "755 out", "644 out/a", "755 out/tool", "600 out/key"]

    assert said(lab, results["make"]) == ["0022", *modes, "700", "700"]
    assert said(lab, results["use"]) == ["0022", *modes, "700", "700"]
    assert {one.stat().st_mode & 0o777 for one in (lab.settings.home / "jobs").iterdir()} == {0o700}


async def test_an_artifact_gives_the_tree_that_was_made(lab: Lab):
    look = "find dist node_modules -printf '%y %m %n %T@ %l %f\\n' | sort"
    results = await ended(
        lab,
        f"""  make:
    run: |
      mkdir -p dist/real/sub dist/empty node_modules/.pnpm/foo@1/node_modules/foo; echo hi > dist/real/sub/a.txt
      ln -s real dist/current; ln -s missing dist/broken; ln dist/real/sub/a.txt dist/hard.txt; chmod 700 dist/empty
      ln -s .pnpm/foo@1/node_modules/foo node_modules/foo; printf y > "$(printf 'dist/bad\\377name')"
      touch -d @1500000000.5 dist/real/sub/a.txt; {look}
    artifacts: {{out: {{dist: ./dist, nm: node_modules/}}}}
  use:
    needs: make
    artifacts: {{in: [make.dist, make.nm]}}
    run: [{{run: "{look.replace(chr(92), chr(92) * 2)}"}}, "python3 -m zipfile -c out.zip dist/real 1>&2"]
  out: {{run: mkdir o; ln -s /etc/hostname o/l, artifacts: {{out: {{o: o}}}}}}
""",
    )

    assert said(lab, results["use"]) == said(lab, results["make"])
    assert "o/l is a link that leads out, to /etc/hostname" in results["out"].reason


async def test_equal_content_is_an_equal_artifact_where_the_definition_asks_for_it(lab: Lab):
    job = "{{run: mkdir o; sleep 0.0{0}; echo x > o/f; echo $SOURCE_DATE_EPOCH, {1}artifacts: {{out: {{o: o}}{2}}}}}\n"
    results = await ended(
        lab,
        "".join(
            f"  {name}{index}: " + job.format(index, env, times)
            for index in (1, 2)
            for name, env, times in (
                ("real", "", ""),
                ("commit", "", ", times: commit"),
                ("set", "env: {SOURCE_DATE_EPOCH: '1500000000'}, ", ", times: commit"),
                ("bad", "env: {SOURCE_DATE_EPOCH: yesterday}, ", ""),
            )
        ),
    )
    digests = {name: result.artifacts.get("o") for name, result in results.items()}

    assert digests["real1"] != digests["real2"]
    assert digests["commit1"] == digests["commit2"] != digests["set1"] == digests["set2"]
    assert said(lab, results["set1"]) == ["1500000000"]
    assert said(lab, results["commit1"])[0].isdigit()
    assert "SLW825" in results["bad1"].reason
