"""A configuration file that builds a new model, in the place of the default pipeline's own."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from snapml_ocr.plan.axes import ROLES

_TEMPLATE = """\
# Builds {name} in the place of the {role} of {default}. Yours to change; config/README.md explains every key.
build: [{name}]
pipelines:
  {name}:
{parts}
catalogue: {catalogue}
# What the default build reaches on the sample images says nothing of another model; set limits of your own.
gates:
  accuracy:
    minimum:
      images: {{detection_hmean: 0, end_to_end_hmean_strict: 0, end_to_end_hmean_alphanumeric: 0}}
"""


def build_file(
    name: str, task: str, config: Mapping[str, Any], catalogue: Path, models: Collection[str]
) -> str:
    """Return the text of a configuration whose one pipeline is the first of `config` with this model in it.

    Parts whose model is not among `models`, the names of `catalogue`, are left out.
    """
    default = config["build"][0]
    role = next(role for role, does in ROLES.items() if does.name == task)
    parts = dict(config["pipelines"][default])
    lines = []
    for one in ROLES:
        if one == role:
            lines.append(f"    {one}: {{model: {name}}}")
        elif one in parts and parts[one]["model"] in models:
            shapes = parts[one].get("shapes")
            at = f", shapes: [{', '.join(shapes)}]" if shapes else ""
            charset = parts[one].get("charset")
            at += f", charset: {json.dumps(charset)}" if charset else ""
            lines.append(f"    {one}: {{model: {parts[one]['model']}{at}}}")
    # Limits of its own are about the default's recognizer, as for one whose GELU is approximated.
    if "gates" in parts and ROLES[role].name != "recognition":
        lines.append(f"    gates: {json.dumps(parts['gates'])}")
    return _TEMPLATE.format(
        name=name, role=role, default=default, parts="\n".join(lines), catalogue=catalogue.as_posix()
    )
