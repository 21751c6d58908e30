"""Give a recognizer classes for characters that it was not trained with."""

from dataclasses import replace

import numpy as np
import onnx

from snapml_ocr.convert.charset import cut_classes
from snapml_ocr.errors import UserError
from snapml_ocr.ocr.dictionary import BLANK, Dictionary
from snapml_ocr.training.interpreter import Interpreter, with_weights


def add_characters(
    model: onnx.ModelProto, dictionary: Dictionary, characters: str, label: str
) -> tuple[onnx.ModelProto, Dictionary]:
    """Return the model and its dictionary with one class more for each of `characters`.

    The classes come behind the dictionary's entries, before the class of the space. A new class begins with
    the mean of the weights of all characters: its score is that of an average character, so it is hardly
    ever the best, and a step in any direction tells it from all others. Raises `UserError` for characters
    that the dictionary has.
    """
    known = [character for character in characters if character in dictionary.characters]
    if known:
        raise UserError(f"{label}: its dictionary has {' '.join(map(repr, known))} already")
    if not characters:
        return model, dictionary
    entries, total = len(dictionary.entries), len(dictionary.characters)
    copied = [BLANK + 1] * len(characters)
    classes = [*range(entries + 1), *copied, *range(entries + 1, total)]
    wider = cut_classes(model, classes, label)
    program = Interpreter(wider, label)
    old = list(range(BLANK + 1, entries + 1))
    new = list(range(entries + 1, entries + 1 + len(characters)))
    weights = {}
    for name in program.behind(program.head(), program.scores):
        array = program.weights()[name]
        axis = next(one for one in range(array.ndim) if array.shape[one] == len(classes))
        moved = np.moveaxis(array, axis, 0)
        moved[new] = moved[old].mean(axis=0)
        weights[name] = np.moveaxis(moved, 0, axis)
    return with_weights(wider, weights), replace(dictionary, entries=(*dictionary.entries, *characters))
