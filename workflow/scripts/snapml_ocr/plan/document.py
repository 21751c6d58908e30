"""Typed documents (configuration, catalogue, pipeline file), and their mistakes explained in one line."""

import difflib
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from snapml_ocr.errors import UserError

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Tolerance = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
RENAMED_KEYS = {"half_precision": "float16"}
"""Keys of older configurations, and what they are called now."""
MAX_SHOWN = 60
"""Characters of a wrong value that a message shows."""


class Document(BaseModel):
    """A mapping with known keys and no conversion of types: YAML's "0.3" is no number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _require_known_keys(cls, document: Any) -> Any:
        if isinstance(document, Mapping):
            known = [field.alias or name for name, field in cls.model_fields.items() if not field.exclude]
            for key in document:
                if key not in known:
                    raise PydanticCustomError("unknown_key", "{text}", {"text": unknown_key(str(key), known)})
        return document


D = TypeVar("D", bound=Document)


def with_keys(keys: Mapping[str, Any]) -> Callable[[type[D]], type[D]]:
    """A decorator: a document with these keys as well, each (type, Field), one for each value of an axis."""

    def extended(document: type[D]) -> type[D]:
        return create_model(
            document.__name__,
            __base__=document,
            __module__=document.__module__,
            __doc__=document.__doc__,
            **keys,
        )

    return extended


class OneOf:
    """Metadata of a text that has to be one of some names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"enum": self._names}

    def _check(self, value: str) -> str:
        if value not in self._names:
            text = f"'{value}' is not known{suggestion(value, self._names)}"
            raise PydanticCustomError("not_known", "{text}", {"text": text})
        return value


def read_document(form: Any, document: Any, source: str) -> Any:
    """Check `document` against a type; raises `UserError` with the first mistake in the order of its keys.

    `source` names the file in the message. An unknown key gets the known one it resembles most.
    """
    for where, key in _keys_that_are_no_text(document):
        raise UserError(f"{source}: {_at(where)}key {key!r} found, expected text; write it in quotes")
    try:
        return _adapter(form).validate_python(document)
    except ValidationError as error:
        mistakes = error.errors(include_url=False)
        more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
        raise UserError(f"{source}: {_explain(mistakes[0])}{more}") from None


@cache  # types are hashable
def _adapter(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'X'?` for the known word most like `word`, else the list of known words."""
    words = list(known)
    close = difflib.get_close_matches(word, words, n=1)
    return f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(sorted(words)) or 'none'}"


def unknown_key(key: str, known: Collection[str]) -> str:
    """The message about a key that nothing reads."""
    if RENAMED_KEYS.get(key) in known:
        return f"unknown key '{key}'; it is called '{RENAMED_KEYS[key]}' now"
    return f"unknown key '{key}'{suggestion(key, known)}"


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


def _explain(mistake: ErrorDetails) -> str:
    place = [str(part) for part in mistake["loc"]]
    kind, value = mistake["type"], mistake["input"]
    if place and place[-1] == "[key]":
        where, name = ".".join(place[:-2]), place[-2]
        if kind == "not_known":
            return f"{_at(where)}{mistake['msg']}"
        return f"{_at(where)}'{name}' is not a usable name here (allowed: {NAME_PATTERN})"
    where = ".".join(place)
    if kind == "missing":
        return f"{_at('.'.join(place[:-1]))}'{place[-1]}' is a required property"
    if kind == "literal_error" and isinstance(value, str):
        known = mistake["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f"{_at(where)}'{value}' is not known{suggestion(value, known)}"
    if kind in ("unknown_key", "not_known", "value_error", "mistake"):
        return f"{_at(where)}{mistake['msg'].removeprefix('Value error, ')}"
    shown = repr(value) if len(repr(value)) <= MAX_SHOWN else repr(value)[:MAX_SHOWN] + " …"
    hint = "; YAML needs 1.0e-5, not 1e-5" if kind == "float_type" and _is_number(value) else ""
    said = mistake["msg"].removeprefix("Input should be ").removeprefix("Input should ")
    return f"{_at(where)}{shown} found, expected {said}{hint}"


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        return False


def _at(where: str) -> str:
    return f"{where}: " if where else ""
