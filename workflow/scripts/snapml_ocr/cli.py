"""What every command-line program here does alike: run `main`, turn mistakes into one clear line."""

import argparse
import errno
import os
import shlex
import sys
import textwrap
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NoReturn

from snapml_ocr.errors import UserError

TRUE_WORDS = frozenset({"true", "t", "yes", "y", "1"})
FALSE_WORDS = frozenset({"false", "f", "no", "n", "0"})

_OUT_OF_MEMORY = ("failed to map segment", "cannot allocate memory", "Failed to serialize proto", "bad_alloc")
"""What the dynamic loader, protobuf and C++ say; models too large for protobuf are refused earlier."""


def run(main: Callable[[], int | None]) -> NoReturn:
    """Run `main` and leave the process with its exit code (None means 0).

    `UserError` and operating-system errors become one line on standard error; any other exception is a
    defect of ours and keeps its traceback.
    """
    try:
        code = main() or 0
        sys.stdout.flush()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        code = error.exit_code
    except BrokenPipeError:  # the reader of our output left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        code = 130
    except OSError as error:
        print(f"error: {_describe(error)}", file=sys.stderr)
        code = 2
    except Exception as error:
        if not _is_lack_of_memory(error):
            raise
        print("error: out of memory; use smaller input shapes or fewer jobs at once", file=sys.stderr)
        code = 2
    sys.exit(code)


class Parser(argparse.ArgumentParser):
    """The command line of a program; `description` is its module's docstring.

    Of the groups called `summarised`, --help gives the names of their options and --help_all the whole.
    """

    def __init__(
        self, description: str | None = None, summarised: Collection[str] = (), **options: Any
    ) -> None:
        form = argparse.RawDescriptionHelpFormatter
        super().__init__(description=description, formatter_class=form, **options)
        self._summarised, self._whole = frozenset(summarised), False
        if summarised:
            self.add_argument("--help_all", action=_HelpAll, help="this help with every option")

    def add_output(self, *aliases: str, what: str, required: bool = True) -> None:
        """Add `--output FILE`, which older spellings may name as well."""
        self.add_argument("--output", *aliases, type=Path, required=required, metavar="FILE", help=what)

    def format_usage(self) -> str:
        """One line where the list of all options would fill a screen."""
        return f"usage: {self.prog} [options], see --help\n" if self._summarised else super().format_usage()

    def format_help(self) -> str:
        """The help text, with options of summarised groups by name only."""
        if self._whole or not self._summarised:
            return super().format_help()
        formatter = self._get_formatter()
        formatter.add_text(self.description)
        for group in self._action_groups:
            shown = [] if group.title in self._summarised else group._group_actions
            if shown:
                formatter.start_section(group.title)
                formatter.add_arguments(shown)
                formatter.end_section()
        text = f"usage: {self.prog} [options]\n\n{formatter.format_help()}"
        for group in self._action_groups:
            if group.title in self._summarised:
                names = " ".join(action.option_strings[0] for action in group._group_actions)
                text += "\n" + textwrap.fill(
                    f"{group.title} (see --help_all): {names}", 78, subsequent_indent="  "
                )
        return f"{text}\n"


class _HelpAll(argparse.Action):
    def __init__(self, option_strings: list[str], dest: str, **options: Any) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, default=argparse.SUPPRESS, **options)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        assert isinstance(parser, Parser)
        parser._whole = True
        parser.print_help()
        parser.exit()


def named_path(text: str) -> tuple[str, Path]:
    """Read the NAME=PATH of an option."""
    name, _, path = text.partition("=")
    if not (name and path):
        raise UserError(f"{text!r}: expected NAME=PATH, as in snapml=model.onnx")
    return name, Path(path)


def arguments(**values: Any) -> str:
    """Write options for a shell: `--name=value`, a list once for each entry, nothing for None and ""."""
    pairs = [
        (name, one)
        for name, value in values.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return " ".join(shlex.quote(f"--{name}={one}") for name, one in pairs if one not in (None, ""))


def _is_lack_of_memory(error: Exception) -> bool:
    """Also by the words in which native libraries say so."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in _OUT_OF_MEMORY)


def flag(word: str) -> bool:
    """Read the "True" or "False" of an option, or their usual shorthands."""
    if word.lower() in TRUE_WORDS:
        return True
    if word.lower() in FALSE_WORDS:
        return False
    raise argparse.ArgumentTypeError(f"{word!r}, expected True or False")


def _describe(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"{where}no space left on the disk; free some and run again, finished files are kept"
    return f"{where}{error.strerror or error}"
