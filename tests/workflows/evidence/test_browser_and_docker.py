"""What needs a browser or a Docker daemon; on CI neither may be missing."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.lab import Lab
from tests.support.programs import need

DOCKERFILE = (
    'FROM scratch\nCOPY busybox /bin/busybox\nCOPY page.txt /page.txt\nCMD ["/bin/busybox", "cat", "/page.txt"]\n'
)


@pytest.mark.system
@pytest.mark.docker
async def test_an_image_is_built_with_labels_and_its_digest_is_an_output(lab: Lab, daemon):
    busybox = Path(need("busybox", "images are made of it, since nothing is pulled"))
    text = """jobs:
  image:
    build:
      steps: ["mkdir ctx && cp BUSYBOX ctx/busybox && echo hello > ctx/page.txt && cp Dockerfile ctx/"]
      image: {context: ctx, tag: "sluiceway-test:1"}
  use:
    needs: image
    env: {DIGEST: "${{ needs.image.outputs.digest }}"}
    run: test "${DIGEST#sha256:}" != "$DIGEST"
""".replace("BUSYBOX", str(busybox))
    run = await lab.start(text, {"Dockerfile": DOCKERFILE})
    result = await lab.result(run)
    image = daemon.images.get("sluiceway-test:1")

    assert result.status == "passed", result.reason
    assert image.labels["dev.sluiceway.run"] == "1"
    assert len(image.labels["org.opencontainers.image.revision"]) == 40
    assert daemon.containers.run("sluiceway-test:1", remove=True) == b"hello\n"
    daemon.images.remove("sluiceway-test:1", force=True)


async def test_without_a_daemon_an_image_build_fails_and_says_so(no_daemon, lab: Lab):
    result, _ = await lab.run("jobs:\n  image:\n    build: {image: {}}\n", {"Dockerfile": DOCKERFILE})

    assert "SLW841" in result.reason


@pytest.mark.browser
async def test_the_report_is_readable_in_a_real_browser(lab: Lab, tmp_path):
    chromium = need("chromium", "pages are looked at in a real browser")
    report = '<testsuite><testcase name="adds"/><testcase name="subtracts"><failure message="off by one"/></testcase></testsuite>'
    run = await lab.start(
        "jobs:\n  unit:\n    test: {steps: 'true', junit: '*.xml'}\n  after:\n    needs: unit\n    run: x\n",
        {"r.xml": report},
    )
    result = await lab.result(run)
    page = tmp_path / "report.html"
    shutil.copyfile(lab.settings.store / result.report[:2] / result.report[2:], page)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             f"--user-data-dir={tmp_path}/profile", "--window-size=1100,1400"]  # fmt: skip
    dom = subprocess.run(
        [chromium, *flags, "--dump-dom", f"file://{page}"], capture_output=True, text=True, timeout=150, check=True
    ).stdout
    subprocess.run(
        [chromium, *flags, f"--screenshot={tmp_path}/shot.png", f"file://{page}"],
        capture_output=True,
        timeout=150,
        check=True,
    )

    assert "off by one" in dom
    assert (tmp_path / "shot.png").stat().st_size > 20_000
