"""Python imports this module by itself at its start: note every file of the project that a program opens."""

import os
import sys
from pathlib import Path

_noted = set()


def _note(event, arguments):
    if event != "open" or not isinstance(arguments[0], str) or "workflow/scripts/" not in arguments[0]:
        return
    script, path = Path(sys.argv[0]).name, os.path.relpath(arguments[0])
    if path in _noted or not script.endswith(".py") or script == "__main__.py":
        return
    _noted.add(path)
    with Path(os.environ["OPENED_FILES"], script).open("a", encoding="utf-8") as file:
        file.write(path + "\n")


if "OPENED_FILES" in os.environ:
    sys.addaudithook(_note)
