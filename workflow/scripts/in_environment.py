r"""Run a Python program in the environment of a lock file, which is made when it is not there.

In: a lock file with hashes, and the program with its arguments. Example:

    python workflow/scripts/in_environment.py envs/export-pdmodel.lock \
        workflow/scripts/export.py results/weights/MODEL MODEL.onnx

The exit code is the program's; 2 when the environment cannot be made.
"""

import os
import sys
from pathlib import Path

from snapml_ocr.cli import run
from snapml_ocr.convert.environment import command_in
from snapml_ocr.errors import UserError


def main() -> None:
    """Become the program that the command line names."""
    if len(sys.argv) < 3 or sys.argv[1].startswith("-"):
        if sys.argv[1:] in (["-h"], ["--help"]):
            print(__doc__)
            return
        raise UserError("usage: in_environment.py LOCK PROGRAM [ARGUMENT ...]")
    command = [*command_in(Path(sys.argv[1])), *sys.argv[2:]]
    os.execvp(command[0], command)


if __name__ == "__main__":
    run(main)
