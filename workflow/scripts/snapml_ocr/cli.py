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
    except MemoryError:
        print("error: out of memory; use smaller input shapes or fewer jobs at once", file=sys.stderr)
        code = 2
    except OSError as error:
        print(f"error: {_describe(error)}", file=sys.stderr)
        code = 2
    sys.exit(code)


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
