"""JSON schemas and the tables of keys in config/README.md, made from the typed documents."""

import json
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter
from pydantic_core import PydanticUndefined

from snapml_ocr.plan.configuration import Configuration, Model
from snapml_ocr.plan.document import Document, Name
from snapml_ocr.plan.pipeline_file import PipelineFile

SCHEMAS: dict[str, Any] = {"config": Configuration, "models": dict[Name, Model], "pipeline": PipelineFile}
"""The documents that have a schema, by the stem of its file."""

TABLES: dict[str, type[Document]] = {"config": Configuration, "models": Model}
"""The documents whose keys have a table in config/README.md, by the name in its marks."""


def schema_text(name: str) -> str:
    """A JSON schema as a file has it."""
    schema = TypeAdapter(SCHEMAS[name]).json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    for part in [schema, *schema.get("$defs", {}).values()]:
        if part.get("title") == "Model":  # its name is the key
            part["properties"].pop("name")
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def with_tables(text: str) -> str:
    """A page with what stands between the marks of each table replaced by the table."""
    for name, document in TABLES.items():
        start, end = (f"<!-- {word} {name} -->\n" for word in ("keys of", "end of"))
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        rows = "".join(f"| `{key}` | {default} | {said} |\n" for key, default, said in _rows(document))
        text = f"{before}{start}| key | default | what it says |\n|---|---|---|\n{rows}{end}{after}"
    return text


def _rows(document: type[Document], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for name, field in document.model_fields.items():
        if field.exclude:
            continue
        inner = _document_in(field.annotation)
        default = field.default if field.default is not PydanticUndefined else None
        shown = "" if default is None or default == "" or inner else f"`{_as_yaml(default)}`"
        yield prefix + name, shown, field.description or ""
        if inner:
            names = "" if _is_document(field.annotation) else "NAME."
            yield from _rows(inner, f"{prefix}{name}.{names}")


def _document_in(annotation: Any) -> type[Document] | None:
    """The document that a key holds, itself or by name."""
    if _is_document(annotation):
        found: type[Document] = annotation
        return found
    if get_origin(annotation) is dict:
        return _document_in(get_args(annotation)[1])
    return None


def _is_document(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Document)


def _as_yaml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_as_yaml, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
