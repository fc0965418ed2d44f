"""What the commands send of a definition."""

import sys

import pytest

from workers.cli.texts import text_of

PLACE = "apiVersion: sluiceway/v1\nkind: Environment\nname: shop\nfreezes: freezes.yaml\n"


@pytest.mark.parametrize("engine", [True, False])
def test_a_client_without_the_engine_leaves_the_file_of_freezes_for_the_server_to_refuse(tmp_path, monkeypatch, engine):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "freezes.yaml").write_text("freezes: [{from: 2026-12-18, to: 2027-01-04, why: end of the year}]\n")
    (tmp_path / "shop.yaml").write_text(PLACE)
    if not engine:
        monkeypatch.setitem(sys.modules, "pipeline_defs.releases.calendar_files", None)
    text = text_of(tmp_path / "shop.yaml")

    assert (text == PLACE) is not engine
    assert ("end of the year" in text) is engine
