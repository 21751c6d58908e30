import string
from pathlib import Path

DICTIONARY = Path(__file__).parents[2] / "rec_char_dict" / "en_dict.txt"


def test_the_english_dictionary_is_printable_ascii_in_the_models_class_order():
    expected = string.digits + ":;<=>?@" + string.ascii_uppercase + "[\\]^_`"
    expected += string.ascii_lowercase + "{|}~" + "!\"#$%&'()*+,-./" + " "
    assert DICTIONARY.read_bytes() == "".join(f"{character}\n" for character in expected).encode()
    assert len(expected) == 95
