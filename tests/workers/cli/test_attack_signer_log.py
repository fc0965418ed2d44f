"""signer verify: a log that was cut at its end is told from a whole one by a hash that somebody has kept."""

from __future__ import annotations

import json

from activities.authority.log import FileLog
from tests.support.command_line import call
from tests.support.signers import JOBS, Signing, execution
from workers.core.settings import current


def test_a_hash_that_was_kept_shows_that_the_end_was_cut_off(home):
    log = current().signer_log
    signing = Signing(FileLog(log, part_bytes=500))
    signing.begun()
    signing.client.permit(execution(JOBS[0]))
    code, out, err = call("signer", "verify", "--json")
    said = json.loads(out)
    assert (code, said["whole"]) == (0, True), err
    assert said["parts"] > 1
    assert call("signer", "verify", "--kept", said["last"])[0] == 0
    log.write_bytes(b"")

    code, out, err = call("signer", "verify", "--kept", said["last"])
    assert code == 1
    assert "SLW018" in out + err
    assert call("signer", "verify")[0] == 0


def test_a_part_that_is_away_is_named(home):
    log = current().signer_log
    Signing(FileLog(log, part_bytes=1)).begun()
    (log.parent / "log-000001.jsonl").unlink()

    for command in (("signer", "verify"), ("signer", "log")):
        code, out, err = call(*command)
        assert code == 1
        assert "SLW018" in out + err
