"""What Paddle computes on."""

import paddle

from snapml_ocr.errors import UserError


def choose_device(name: str) -> None:
    """Let everything that Paddle computes from now on be computed on the `cpu` or the first `gpu`.

    Raises `UserError` where there is no GPU, or Paddle is built without CUDA.
    """
    if name == "gpu":
        if not paddle.is_compiled_with_cuda():
            raise UserError(
                "--device gpu: this Paddle is built without CUDA; run train.py in an environment with"
                " paddlepaddle-gpu, or leave --device out"
            )
        if not paddle.device.cuda.device_count():
            raise UserError("--device gpu: Paddle finds no GPU; is its driver there? Or leave --device out")
    paddle.device.set_device(name)
