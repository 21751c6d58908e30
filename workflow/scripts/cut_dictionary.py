"""Cut a recognizer's dictionary down to the characters that are needed.

Reads the dictionary of the whole recognizer and what to keep: a --charset file, one character per line, or
--characters in one word. Writes the lines of the dictionary that are among them, in the dictionary's order;
export.py cuts the model to that. The blank and the space that follows a dictionary stay in any case.

    python workflow/scripts/cut_dictionary.py ppocr_keys_v1.txt cut.txt --charset rec_char_dict/en_dict.txt

Exit 0 written, 2 the dictionary lacks a character, which is named, or wrong usage.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import Parser, flag, run
from snapml_ocr.files import write_text
from snapml_ocr.ocr.dictionary import Dictionary


def main() -> None:
    """Read both, cut, write."""
    args = parse_args()
    dictionary = Dictionary.read(args.dictionary, space=args.use_space_char)
    charset = Dictionary.read(args.charset).entries if args.charset else tuple(args.characters)
    cut = dictionary.cut_to(charset)
    write_text(args.output, "".join(f"{entry}\n" for entry in cut.entries))
    print(f"{args.output}: {len(cut.entries)} of {len(dictionary.entries)} entries")


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__, allow_abbrev=False)
    parser.add_argument("dictionary", type=Path, help="dictionary of the whole recognizer")
    parser.add_argument("output", type=Path, help="dictionary to write")
    charset = parser.add_mutually_exclusive_group(required=True)
    charset.add_argument("--charset", type=Path, help="file with what to keep, one per line")
    charset.add_argument("--characters", help="what to keep, as 0123456789-")
    parser.add_argument(
        "--use_space_char", type=flag, default=True, metavar="BOOL", help="the space follows the dictionary"
    )
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
