"""The initial state of an LSTM always present, from Constant nodes."""

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import input_of, integer, shape_of, text
from snapml_ocr.snapml.helpers.weights import register
from snapml_ocr.snapml.options import FixOptions
from snapml_ocr.snapml.passes import Log, label_of
from snapml_ocr.snapml.rules.rule import Explanation

STATES = (5, 6)
"""Positions of initial_h and initial_c among the inputs of LSTM."""


class LstmState:
    """Absent initial states."""

    name = "lstm_state"
    explanation = Explanation(
        title="Initial state of an LSTM",
        before="LSTM with X, W, R and maybe B; initial states absent",
        after="LSTM with initial_h and initial_c of zeros from Constant nodes",
        why="The one recognizer that is known to import had both states as Constant nodes.",
        evidence="layer table: LSTM (inferred_tutorial); absent states mean zeros in the ONNX specification",
        exactness="identical",
    )

    def __init__(self, options: FixOptions) -> None:
        self.options = options

    def run(self, model: ir.Model, log: Log) -> bool:
        """Write the zeros out; the form of the constants is decided when the model is written."""
        log.start(self.name)
        changed = False
        for node in model.graph:
            if node.op_type != "LSTM":
                continue
            missing = [index for index in STATES if input_of(node, index) is None]
            shape = shape_of(node.inputs[0])
            if not missing:
                continue
            if shape is None:
                log.refuse(self.name, node, "the input shape of the LSTM is not static")
                continue
            directions = 2 if text(node, "direction", "forward") == "bidirectional" else 1
            zeros = np.zeros((directions, shape[1], integer(node, "hidden_size", 0)), np.float32)
            if len(node.inputs) <= STATES[-1]:
                node.resize_inputs(STATES[-1] + 1)
            for index in missing:
                node.replace_input_with(index, register(model.graph, zeros))
            log.change(self.name, label_of(node), ["LSTM"], ["LSTM"])
            changed = True
        return changed
