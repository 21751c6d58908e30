"""One YAML document of a file, without what makes YAML dangerous."""

import json
from pathlib import Path
from typing import Any

import yaml

from snapml_ocr.errors import UserError

MAX_YAML_BYTES = 4 * 2**20
"""A catalogue of a thousand models has about 1 MB; more than this is not a configuration."""


def read_mapping(option: str, given: str) -> dict[str, Any]:
    """The mapping that an option gives, as JSON text or as a YAML file; `UserError` for anything else."""
    if given.lstrip().startswith("{"):
        try:
            found = json.loads(given)
        except json.JSONDecodeError as error:
            raise UserError(f"{option}: not JSON: {error.msg}") from None
    else:
        found = read_yaml(Path(given))
    if not isinstance(found, dict):
        raise UserError(f"{option} {given}: not a mapping of keys to values")
    return found


def read_yaml(path: Path) -> Any:
    """Read one YAML document; anchors and aliases are refused, since they can expand without bound.

    Raises `UserError` that names the file and the line.
    """
    try:
        if path.stat().st_size > MAX_YAML_BYTES:
            raise UserError(f"{path}: larger than {MAX_YAML_BYTES // 2**20} MiB, not a configuration file")
        text = path.read_text(encoding="utf-8")
        for token in yaml.scan(text):
            if isinstance(token, yaml.AliasToken):
                raise UserError(
                    f"{path}, line {token.start_mark.line + 1}: YAML aliases (*name) are not accepted; "
                    "write the value out"
                )
        return yaml.safe_load(text)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8 text") from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or type(error).__name__
        raise UserError(f"{path}{line}: not YAML: {problem}") from None
