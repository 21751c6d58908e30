"""Read the crops of a folder with RapidOCR and print texts and scores as a JSON object by file name.

Arguments: MODEL HEIGHT FOLDER. Runs in the environment of envs/rapidocr.lock; RapidOCR gets the path of the
recognizer and nothing else of it.
"""

import json
import sys
from pathlib import Path

import cv2
from rapidocr_onnxruntime import RapidOCR

model, height, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
engine = RapidOCR(rec_model_path=model, rec_img_shape=[3, height, 320], intra_op_num_threads=1)
read = {}
for path in sorted(folder.iterdir()):
    result, _ = engine(cv2.imread(str(path)), use_det=False, use_cls=False)
    read[path.name] = result[0]
print(json.dumps(read))
