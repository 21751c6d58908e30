"""Check a configuration document against a JSON schema and explain every mistake in one line."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from snapml_ocr.errors import UserError

MAX_YAML_BYTES = 4 * 2**20
"""A catalogue of a thousand models has about 1 MB; more than this is not a configuration."""


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


def validate(document: Any, schema: Mapping[str, Any], source: str) -> None:
    """Raise `UserError` with the first mistake of `document` against `schema`, in the order of its keys.

    `source` names the file in the message. An unknown key gets the known one it resembles most.
    """
    for where, key in _keys_that_are_no_text(document):
        raise UserError(f"{source}: {_at(where)}key {key!r} found, expected text; write it in quotes")
    validator = jsonschema.Draft202012Validator(schema)
    errors = sorted(
        validator.iter_errors(document), key=lambda error: [str(part) for part in error.absolute_path]
    )
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise UserError(f"{source}: {_explain(errors[0])}{more}")


def _keys_that_are_no_text(document: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """The keys of YAML that JSON does not have, such as numbers, dates and nothing, and the place of each."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            if not isinstance(key, str):
                yield where, key
            yield from _keys_that_are_no_text(value, f"{where}.{key}".lstrip("."))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from _keys_that_are_no_text(value, f"{where}.{index}".lstrip("."))


def suggestion(word: str, known: list[str]) -> str:
    """`; did you mean 'X'?` for the known word most like `word`, else the list of known words."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(sorted(known)) or 'none'}"


def _explain(error: jsonschema.ValidationError) -> str:
    # A value that fits none of several forms: the form it comes nearest to has the message worth reading.
    while error.context and (nearest := jsonschema.exceptions.best_match(error.context)):
        error = nearest
    where = ".".join(str(part) for part in error.absolute_path)
    if not isinstance(error.schema, Mapping):
        return f"{_at(where)}{error.message}"
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        known = list(error.schema.get("properties", {}))
        patterns = list(error.schema.get("patternProperties", {}))
        unknown = next(key for key in error.instance if key not in known)
        if patterns and not known:
            return f"{_at(where)}'{unknown}' is not a usable name here (allowed: {patterns[0]})"
        return f"{_at(where)}unknown key '{unknown}'{suggestion(str(unknown), known)}"
    if error.validator == "enum" and isinstance(error.instance, str):
        known = [str(value) for value in error.schema.get("enum", [])]
        return f"{_at(where)}'{error.instance}' is not known{suggestion(error.instance, known)}"
    message = error.message if len(error.message) < 200 else error.message[:200] + " …"
    return f"{_at(where)}{message}"


def _at(where: str) -> str:
    return f"{where}: " if where else ""
