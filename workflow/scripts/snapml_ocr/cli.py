"""What every command-line program here does alike: run `main`, turn mistakes into one clear line."""

import argparse
import errno
import os
import sys
from collections.abc import Callable
from typing import NoReturn

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
