import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapml_ocr.errors import UserError
from snapml_ocr.files import atomic_path, read_json, sha256_of, write_bytes, write_json, write_text

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_there_only_when_the_block_ends_well(tmp_path):
    target = tmp_path / "new" / "a.bin"
    with atomic_path(target) as part:
        part.write_bytes(b"1")
        assert not target.exists()
    assert target.read_bytes() == b"1"
    assert names(target.parent) == ["a.bin"]


def write_half_and_fail(target):
    with atomic_path(target) as part:
        part.write_bytes(b"half")
        raise RuntimeError


def test_a_failing_block_leaves_the_old_file_and_no_other(tmp_path):
    write_bytes(tmp_path / "a.bin", b"old")
    with pytest.raises(RuntimeError):
        write_half_and_fail(tmp_path / "a.bin")
    assert names(tmp_path) == ["a.bin"]
    assert (tmp_path / "a.bin").read_bytes() == b"old"


def test_a_block_that_writes_nothing_gives_no_file(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "a.bin"):
        pass
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["a.bin", "[a]*?.bin", "it's $(x).bin"])
def test_a_killed_writer_leaves_no_final_name_and_the_next_one_cleans_up(tmp_path, name):
    target = tmp_path / name
    program = (
        "import os, signal, sys; from pathlib import Path; from snapml_ocr.files import atomic_path\n"
        "with atomic_path(Path(sys.argv[1])) as part:\n"
        "    part.write_bytes(b'half'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    killed = subprocess.run([sys.executable, "-c", program, str(target)], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not target.exists()
    assert len(names(tmp_path)) == 1
    write_bytes(target, b"whole")
    assert names(tmp_path) == [name]


def test_the_part_of_a_writer_that_still_runs_is_left_alone(tmp_path):
    with atomic_path(tmp_path / "a.bin") as slow:
        slow.write_bytes(b"slow")
        write_bytes(tmp_path / "a.bin", b"quick")
        assert (tmp_path / "a.bin").read_bytes() == b"quick"
    assert (tmp_path / "a.bin").read_bytes() == b"slow"
    assert names(tmp_path) == ["a.bin"]


def test_a_part_is_removed_even_when_a_process_of_the_same_number_runs_now(tmp_path):
    for left_over in (f".a.bin.{os.getpid()}.part", ".a.bin.0123abcd.part"):
        (tmp_path / left_over).mkdir()
        (tmp_path / left_over / ".lock").touch()
    (tmp_path / ".a.bin.killed-before-its-lock.part").mkdir()
    write_bytes(tmp_path / "a.bin", b"1")
    assert names(tmp_path) == ["a.bin"]


def test_many_writers_of_one_file_leave_one_whole_file_and_nothing_else(tmp_path):
    program = (
        "import sys; from pathlib import Path; from snapml_ocr.files import write_bytes\n"
        "for _ in range(60): write_bytes(Path(sys.argv[1]), sys.argv[2].encode() * 10_000)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "a.bin"), text], env=environment)
        for text in "abc"
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert (tmp_path / "a.bin").read_text() in {text * 10_000 for text in "abc"}
    assert names(tmp_path) == ["a.bin"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=JSON)
def test_json_comes_back_as_it_was_written(tmp_path, document):
    try:
        write_json(tmp_path / "a.json", document)
    except UnicodeEncodeError:  # a lone surrogate, which is no text
        return
    assert read_json(tmp_path / "a.json") == document


def test_json_is_readable_text(tmp_path):
    write_json(tmp_path / "a.json", {"b": "ü", "a": [1]})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == json.dumps(
        {"b": "ü", "a": [1]}, indent=2, ensure_ascii=False
    ) + "\n"


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_json_does_not_know_are_refused_and_leave_nothing(tmp_path, number):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", number)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b'{\n"a": }', "line 2: not JSON"), (b"\xff", "not UTF-8"), (None, "no such file")],
)
def test_a_bad_json_file_is_named_with_the_reason(tmp_path, content, reason):
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=f"^{path}.*{reason}"):
        read_json(path)


def test_text_keeps_its_line_ends_and_the_checksum_is_of_the_bytes(tmp_path):
    write_text(tmp_path / "a.txt", "a\r\nb\n")
    assert (tmp_path / "a.txt").read_bytes() == b"a\r\nb\n"
    assert sha256_of(tmp_path / "a.txt") == "953bba9ac9726eaea07e844abcf144a0afe998039257c7a88b6665819597f39d"


def test_a_file_system_without_locks_is_named_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(_file: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(UserError, match=r"cannot lock files \(No locks available\); use one that can"):
        write_text(tmp_path / "result.txt", "text")
    assert not (tmp_path / "result.txt").exists()
