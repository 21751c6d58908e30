import os
import shutil
import time
from pathlib import Path

from snapml_ocr.records import keep_records_with, link_records, reset_future_mtimes


def test_records_lie_beside_the_results_and_come_back_after_either_folder_is_removed(tmp_path: Path) -> None:
    results = tmp_path / "results"
    keep_records_with(results, tmp_path)
    (tmp_path / ".snakemake/metadata/a").write_text("record")
    assert (results / ".snakemake/metadata/a").read_text() == "record"
    for name in ("metadata", "incomplete"):
        (tmp_path / ".snakemake" / name).unlink()
    keep_records_with(results, tmp_path)
    assert (tmp_path / ".snakemake/metadata/a").read_text() == "record"
    results.rename(tmp_path / "moved away")
    keep_records_with(results, tmp_path)
    assert list((tmp_path / ".snakemake/metadata").iterdir()) == []


def test_records_of_an_older_build_are_moved(tmp_path: Path) -> None:
    nested = tmp_path / ".snakemake/metadata/@long/name"
    nested.parent.mkdir(parents=True)
    nested.write_text("record")
    keep_records_with(tmp_path / "results", tmp_path)
    assert (tmp_path / "results/.snakemake/metadata/@long/name").read_text() == "record"
    assert nested.read_text() == "record"
    assert (tmp_path / ".snakemake/metadata").is_symlink()


def test_only_dates_in_the_future_are_taken_back(tmp_path: Path) -> None:
    for name, ahead in (("past", -100), ("now", 0), ("future", 3600)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() + ahead,) * 2)
    (tmp_path / "link").symlink_to("nowhere")
    assert reset_future_mtimes(tmp_path) == [tmp_path / "future"]
    assert (tmp_path / "future").stat().st_mtime == 1
    assert reset_future_mtimes(tmp_path) == []


def test_results_that_were_removed_leave_no_link_that_leads_nowhere(tmp_path: Path) -> None:
    results = tmp_path / "results"
    keep_records_with(results, tmp_path)
    shutil.rmtree(results)
    link_records(results, tmp_path)
    assert not (tmp_path / ".snakemake/metadata").is_symlink()
    assert not results.exists()
