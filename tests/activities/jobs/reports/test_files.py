"""Reports that a stranger has put into the workspace."""

import os

import pytest

from activities.jobs.reports import files


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/etc/passwd"), lambda path: path.mkdir()])
def test_what_is_no_file_is_no_report_and_is_not_waited_for(tmp_path, make):
    make(tmp_path / "junit.xml")
    with pytest.raises(ValueError, match=r"symbolic link|not a regular file"):
        files.content(tmp_path, "junit.xml")
