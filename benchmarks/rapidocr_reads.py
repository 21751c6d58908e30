"""Read images with RapidOCR 3 and its default models, one request a line, one answer a line, as JSON.

Argument: number of threads. Runs in the environment of envs/rapidocr3.lock. A request is
`{"images": [paths], "crops": whether they are words cut out, "words": whether word boxes are wanted}`; the
answer `{"seconds": from files to texts, "pages": [[{"quad", "text", "score"}]]}`.
"""

import json
import sys
import time

import cv2
from rapidocr import RapidOCR

threads = int(sys.argv[1])
engine = RapidOCR(
    params={
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Global.log_level": "critical",
    }
)
cv2.setNumThreads(threads)


def read(path, crops, words):
    """What RapidOCR reads in one image: lines, or words where they are wanted."""
    pixels = cv2.imread(path)
    if crops:
        result = engine(pixels, use_det=False, use_cls=False)
        found = [
            (None, text, score) for text, score in zip(result.txts or (), result.scores or (), strict=True)
        ]
    else:
        result = engine(pixels, return_word_box=words)
        if result.boxes is None:
            found = []
        elif words:
            found = [(box, text, score) for line in result.word_results for text, score, box in line]
        else:
            found = list(zip(result.boxes, result.txts, result.scores, strict=True))
    return [
        {
            "quad": None if quad is None else [[float(x), float(y)] for x, y in quad],
            "text": text,
            "score": float(score),
        }
        for quad, text, score in found
    ]


for line in sys.stdin:
    request = json.loads(line)
    started = time.perf_counter()
    pages = [read(path, request["crops"], request["words"]) for path in request["images"]]
    answer = {"seconds": time.perf_counter() - started, "pages": pages}
    print(json.dumps(answer), flush=True)
