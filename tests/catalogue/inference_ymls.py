"""`inference.yml` files as PaddleOCR 3 and PaddleX write them."""

from collections.abc import Sequence
from typing import Any

import yaml


def yml(model_name: str, steps: list[dict[str, Any]], post: dict[str, Any]) -> str:
    shape = [[1, 3, 48, 320], [8, 3, 48, 3200]]
    document = {
        "Global": {"model_name": model_name},
        "Hpi": {  # the same list twice, which YAML writes as an alias
            "backend_configs": {
                "paddle_infer": {"trt_dynamic_shapes": {"x": shape}},
                "tensorrt": {"dynamic_shapes": {"x": shape}},
            }
        },
        "PreProcess": {"transform_ops": steps},
        "PostProcess": post,
    }
    return yaml.dump(document, allow_unicode=True, sort_keys=False)


def detector_yml(mode: str = "BGR") -> str:
    normalise = {
        "mean": [0.485, 0.456, 0.406],
        "order": "hwc",
        "scale": "1./255.",
        "std": [0.229, 0.224, 0.225],
    }
    steps = [
        {"DecodeImage": {"channel_first": False, "img_mode": mode}},
        {"DetLabelEncode": None},
        {"DetResizeForTest": {"resize_long": 960}},
        {"NormalizeImage": normalise},
        {"ToCHWImage": None},
    ]
    return yml("PP-OCRv5_mobile_det", steps, {"name": "DBPostProcess", "thresh": 0.3, "box_thresh": 0.6})


def recognizer_yml(
    characters: Sequence[str], *, size: tuple[int, int] = (48, 320), decoder: str = "CTCLabelDecode"
) -> str:
    steps = [
        {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
        {"MultiLabelEncode": {"gtc_encode": "NRTRLabelEncode"}},
        {"RecResizeImg": {"image_shape": [3, *size]}},
        {"KeepKeys": {"keep_keys": ["image", "label_ctc"]}},
    ]
    return yml("PP-OCRv5_mobile_rec", steps, {"name": decoder, "character_dict": list(characters)})


def orientation_yml() -> str:
    normalise = {
        "channel_num": 3,
        "mean": [0.485, 0.456, 0.406],
        "order": "",
        "scale": 0.00392156862745098,
        "std": [0.229, 0.224, 0.225],
    }
    steps = [{"ResizeImage": {"size": [160, 80]}}, {"NormalizeImage": normalise}, {"ToCHWImage": None}]
    post = {"Topk": {"topk": 1, "label_list": ["0_degree", "180_degree"]}}
    return yml("PP-LCNet_x0_25_textline_ori", steps, post)
