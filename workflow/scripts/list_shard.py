"""Print the image files of one shard of a labelled dataset, each ended by a NUL, as `xargs -0` takes them.

    python workflow/scripts/list_shard.py --dataset data/street --shard 003-of-512 --shard_size 2000

Names of thousands of images are more than one word of a shell's command line holds. Exit 0 printed, 2 no
such shard, or a label file that is wrong.
"""

import argparse
import sys
from pathlib import Path

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.evaluate.shards import shard


def main() -> None:
    """Read the labels, print the names."""
    args = parse_args()
    dataset = open_dataset(args.dataset, args.labels)
    shards = shard([image.name for image in dataset.images], args.shard_size)
    if args.shard not in shards:
        raise UserError(f"{dataset.label_file}: no shard {args.shard}")
    for name in shards[args.shard]:
        sys.stdout.buffer.write(bytes(dataset.path_of(name)) + b"\0")


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__, allow_abbrev=False)
    parser.add_argument("--dataset", type=Path, required=True, metavar="FOLDER", help="labelled images")
    parser.add_argument("--labels", type=Path, metavar="FILE", help="label file; default: the one found")
    parser.add_argument("--shard", required=True, metavar="NAME", help="as predictions are named")
    parser.add_argument("--shard_size", type=int, required=True, help="of the configuration")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
