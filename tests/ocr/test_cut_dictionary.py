"""The program that cuts a dictionary to a charset."""

import subprocess
import sys

import pytest

from real_models import SCRIPTS


def cut(folder, *arguments):
    command = [sys.executable, SCRIPTS / "cut_dictionary.py", folder / "whole.txt", folder / "cut.txt"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "whole.txt").write_text("a\nb\nch\n'\n$\n-\n")
    (tmp_path / "charset.txt").write_text("ch\n \na\n")
    return tmp_path


def test_a_charset_file_keeps_its_entries_in_the_order_of_the_dictionary(folder):
    assert cut(folder, "--charset", folder / "charset.txt").returncode == 0
    assert (folder / "cut.txt").read_text() == "a\nch\n"


def test_characters_are_given_in_one_word(folder):
    assert cut(folder, "--characters=-$'b").returncode == 0
    assert (folder / "cut.txt").read_text() == "b\n'\n$\n-\n"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["--characters", "aé"], "'é'"), (["--characters", "a ", "--use_space_char", "False"], "' '")],
)
def test_a_character_that_the_dictionary_lacks_is_named_and_nothing_is_written(folder, arguments, named):
    done = cut(folder, *arguments)
    assert done.returncode == 2
    assert f"whole.txt: has no {named}, which the charset asks for" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (folder / "cut.txt").exists()
