"""Convert a Paddle inference model from `.pdmodel` to PIR `.json`, in the environment of envs/paddle.lock.

    python tests/make_pir_model.py FOLDER_WITH_PDMODEL FOLDER_FOR_PIR

Both folders hold `inference.*`. Paddle translates the program; the weights stay the same.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import paddle


def main() -> None:
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        convert(source / "inference", Path(scratch) / "inference")
        shutil.rmtree(target, ignore_errors=True)
        Path(scratch).replace(target)
        Path(scratch).mkdir()  # for the end of the `with`, which removes it


def convert(source: Path, target: Path) -> None:
    paddle.enable_static()
    executor = paddle.static.Executor(paddle.CPUPlace())
    with paddle.pir_utils.OldIrGuard():
        program, _, _ = paddle.static.load_inference_model(str(source), executor)
        translated = paddle.pir.translate_to_pir(program.desc)
    with paddle.pir_utils.IrGuard():
        operators = translated.global_block().ops
        weights = [result for op in operators if op.name() == "builtin.parameter" for result in op.results()]
        paddle.base.libpaddle.pir.create_loaded_parameter(
            weights, paddle.static.global_scope(), executor._default_executor
        )
        inputs = [result for op in operators if op.name() == "pd_op.feed" for result in op.results()]
        outputs = [value for op in operators if op.name() == "pd_op.fetch" for value in op.operands_source()]
        paddle.static.save_inference_model(str(target), inputs, outputs, executor, program=translated)


if __name__ == "__main__":
    main()
