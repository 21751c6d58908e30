"""Run a model and its rounded variants side by side on evaluation inputs."""

from collections.abc import Callable, Mapping
from typing import Any

import onnx

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.decoding import Decoder
from snapml_ocr.evaluate.differences import DifferenceSums
from snapml_ocr.evaluate.float16_models import FLOAT16_LIMIT, PeakModel, weight_range
from snapml_ocr.evaluate.input_scores import input_scores
from snapml_ocr.evaluate.model_inputs import ModelInputs
from snapml_ocr.evaluate.stage_parity import PairParity
from snapml_ocr.runtime.feeds import OpenedModel

EXACT = "float32"


def float16_report(
    model: onnx.ModelProto,
    variants: Mapping[str, onnx.ModelProto],
    inputs: ModelInputs,
    decoder: Decoder,
    advance: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Ranges of `model`, and of each variant differences, equal decodings and accuracy on `inputs`.

    Raises `UserError` when the model does not take one image or the inputs have another shape.
    """
    if len(model.graph.input) != 1:
        raise UserError(f"expected a model with one image input, found {len(model.graph.input)}")
    input_name = model.graph.input[0].name
    exact = PeakModel(model)
    models: dict[str, PeakModel | OpenedModel] = {EXACT: exact}
    models |= {name: OpenedModel(variant) for name, variant in variants.items()}
    pairs = {name: PairParity(name, EXACT, DifferenceSums(decoder.threshold)) for name in variants}
    said: dict[str, list[Any]] = {name: [] for name in models}
    for index in range(len(inputs)):
        feeds = {input_name: inputs.tensor(index)}
        outputs = {name: next(iter(one.run(feeds).values())) for name, one in models.items()}
        decoded = {name: decoder.decode(output) for name, output in outputs.items()}
        for name in models:
            said[name].append(decoded[name])
        for name, pair in pairs.items():
            equal = decoder.equal(decoded[EXACT], decoded[name])
            pair.add(
                index,
                inputs.samples[index]["image"],
                (outputs[EXACT], outputs[name]),
                (decoded[EXACT], decoded[name], equal),
            )
        advance()
    accuracy = {name: input_scores(inputs.task, inputs.samples, texts) for name, texts in said.items()}
    largest = exact.largest()
    weights = weight_range(model)
    peak = largest[0][1] if largest else 0.0
    return {
        "task": inputs.task,
        "height": inputs.height,
        "width": inputs.width,
        "samples": len(inputs),
        "float16_limit": FLOAT16_LIMIT,
        "largest_activation": _rounded(peak),
        "share_of_limit": _rounded(peak / FLOAT16_LIMIT),
        "overflows": peak > FLOAT16_LIMIT or weights.overflowing > 0,
        "largest_activations": [
            {
                "tensor": tensor.name,
                "operator": tensor.node.op_type,
                "node": tensor.index,
                "value": _rounded(value),
            }
            for tensor, value in largest
        ],
        "weights": {
            "count": weights.count,
            "largest": _rounded(weights.largest),
            "overflowing": weights.overflowing,
            "vanishing": weights.vanishing,
        },
        "accuracy": {EXACT: accuracy[EXACT]},
        "variants": {name: {**pair.as_json(), "accuracy": accuracy[name]} for name, pair in pairs.items()},
    }


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
