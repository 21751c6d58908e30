import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled import box, write_picture
from PIL import Image

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import open_dataset, open_to_measure
from snapml_ocr.evaluate.labels_json import read_json_labels
from snapml_ocr.evaluate.labels_text import read_paddle_detection

QUAD = [list(point) for point in box(1, 2)]


def dataset_with(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    return open_dataset(folder)


def test_labels_json_is_read(tmp_path):
    text = json.dumps(
        [
            {"image": "a.jpg", "words": [{"quad": QUAD, "text": "Hi", "ignore": True}], "category": "signs"},
            {"image": "b.jpg", "words": []},
        ]
    )

    dataset = dataset_with(tmp_path, "labels.json", text)

    assert dataset.kind == "end_to_end"
    assert [image.name for image in dataset.images] == ["a.jpg", "b.jpg"]
    assert dataset.images[0].words[0].outline == box(1.0, 2.0)
    assert dataset.images[0].words[0].ignore
    assert dataset.categories == ["signs"]


def test_rec_labels_json_is_read(tmp_path):
    dataset = dataset_with(tmp_path, "rec_labels.json", '[{"image": "a.png", "text": "PAIN"}]')

    assert dataset.kind == "recognition"
    assert dataset.images[0].words[0].text == "PAIN"


def test_paddle_label_txt_is_read_with_its_dont_care_marks(tmp_path):
    words = [
        {"transcription": "Hi", "points": QUAD},
        {"transcription": "###", "points": QUAD},
        {"transcription": "blurred", "points": QUAD, "difficult": True},
    ]
    dataset = dataset_with(tmp_path, "Label.txt", f"set/a.jpg\t{json.dumps(words)}\n")

    assert dataset.images[0].name == "set/a.jpg"
    assert [word.ignore for word in dataset.images[0].words] == [False, True, True]


def test_paddle_rec_gt_txt_keeps_tabs_and_spaces_of_the_text(tmp_path):
    dataset = dataset_with(tmp_path, "rec_gt.txt", "a.jpg\t two words\tand a tab \r\nb.jpg\tx\n")

    assert dataset.kind == "recognition"
    assert dataset.images[0].words[0].text == " two words\tand a tab "


def test_icdar_files_are_read_with_byte_order_mark_and_commas(tmp_path):
    write_picture(tmp_path / "images" / "img_1.png")
    text = "\ufeff1,2,11,2,11,12,1,12,one, two\r\n1,2,11,2,11,12,1,12,###\r\n"
    (tmp_path / "images" / "gt_img_1.txt").write_text(text, encoding="utf-8")

    dataset = open_dataset(tmp_path)

    assert dataset.images[0].name == "img_1.png"
    assert dataset.images[0].words[0].text == "one, two"
    assert [word.ignore for word in dataset.images[0].words] == [False, True]


def test_icdar_files_in_a_folder_of_their_own(tmp_path):
    write_picture(tmp_path / "img_1.png")
    (tmp_path / "gt").mkdir()
    (tmp_path / "gt" / "gt_img_1.txt").write_text("1,2,11,2,11,12,1,12,a", encoding="utf-8")

    assert open_dataset(tmp_path, tmp_path / "gt").images[0].name == "img_1.png"


def test_another_name_is_recognised_by_its_content(tmp_path):
    (tmp_path / "mine.txt").write_text("a.jpg\thello\n", encoding="utf-8")

    assert open_dataset(tmp_path, tmp_path / "mine.txt").kind == "recognition"


WRONG = [
    ("labels.json", '[\n {"image": "a", "words": []},\n {"image": "a", "words": []}\n]', 3, "second time"),
    ("labels.json", '[\n\n {"image": "a", "wrods": []}]', 3, "wrods|words"),
    (
        "labels.json",
        '[\n {"image": "a", "words": [{"quad": [[1, 2]], "text": ""}]}]',
        2,
        "word 1.*corners|points",
    ),
    ("labels.json", '[\n {"image": "../a", "words": []}]', 2, "outside"),
    ("labels.json", '[\n {"image": "/etc/a", "words": []}]', 2, "outside"),
    ("labels.json", '[\n {"image": "a", "words": [\n ]\n', 4, "JSON"),
    ("labels.json", '{"image": "a"}', 1, "list"),
    ("labels.json", '[{"image": "a", "words": []}\n {"image": "b", "words": []}]', 2, "comma"),
    ("rec_labels.json", '[{"image": "a", "text": 5}]', 1, "string"),
    ("Label.txt", "a.jpg\t[]\nb.jpg no tab\n", 2, "tab"),
    ("Label.txt", 'a.jpg\t[]\nb.jpg\t[{"points": []}]\n', 2, "transcription"),
    ("Label.txt", "a.jpg\t[]\n\nb.jpg\t[{]\n", 3, "JSON"),
    ("rec_gt.txt", "a.jpg\tx\nb.jpg\n", 2, "tab"),
]


@pytest.mark.parametrize(("name", "text", "line", "message"), WRONG)
def test_a_mistake_is_reported_with_file_and_line(tmp_path, name, text, line, message):
    with pytest.raises(UserError, match=rf"{name}, line {line}: .*({message})"):
        dataset_with(tmp_path, name, text)


@pytest.mark.parametrize("line", ["1,2,3,4,5,6,7,text", "1,2,3,4,5,6,7,x,text"])
def test_a_mistake_in_an_icdar_file_is_reported_with_its_line(tmp_path, line):
    write_picture(tmp_path / "a.png")
    (tmp_path / "gt_a.txt").write_text(f"1,2,11,2,11,12,1,12,a\n{line}", encoding="utf-8")

    with pytest.raises(UserError, match=r"gt_a\.txt, line 2: expected"):
        open_dataset(tmp_path)


def test_labels_that_are_not_utf_8_are_reported_with_their_line(tmp_path):
    (tmp_path / "rec_gt.txt").write_bytes(b"a.jpg\tx\nb.jpg\t\xe9\n")

    with pytest.raises(UserError, match="line 2: not UTF-8"):
        open_dataset(tmp_path)


def test_an_image_with_a_name_too_long_for_any_disk_is_reported(tmp_path):
    (tmp_path / "labels.json").write_text(json.dumps([{"image": "x" * 5000, "words": []}]))
    with pytest.raises(UserError, match=r"its image .* is neither in"):
        open_dataset(tmp_path).path_of("x" * 5000)


def test_a_folder_without_labels_says_which_names_are_looked_for(tmp_path):
    with pytest.raises(UserError, match=r"labels\.json, rec_labels\.json, Label\.txt"):
        open_dataset(tmp_path)


def test_labels_of_another_kind_than_configured_are_refused(tmp_path):
    (tmp_path / "rec_gt.txt").write_text("a.jpg\tx\n", encoding="utf-8")

    with pytest.raises(UserError, match="kind recognition"):
        open_dataset(tmp_path, kind="end_to_end")


def test_an_image_lies_in_the_folder_or_in_images(tmp_path):
    (tmp_path / "rec_gt.txt").write_text("a.png\tx\nb.png\ty\nc.png\tz\n", encoding="utf-8")
    write_picture(tmp_path / "a.png")
    write_picture(tmp_path / "images" / "b.png")
    dataset = open_dataset(tmp_path)

    assert dataset.path_of("a.png") == tmp_path / "a.png"
    assert dataset.path_of("b.png") == tmp_path / "images" / "b.png"
    with pytest.raises(UserError, match=r"c\.png"):
        dataset.path_of("c.png")


def refusal(read, file, text):
    try:
        read(file, text)
    except UserError as error:
        return str(error)
    return None


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["image", "words", "text", "quad"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(json_values)
def test_any_json_is_read_or_refused_with_a_line(tmp_path_factory, document):
    message = refusal(read_json_labels, tmp_path_factory.getbasetemp() / "labels.json", json.dumps(document))

    assert message is None or "labels.json, line 1" in message


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused_with_a_line(tmp_path_factory, text):
    message = refusal(read_paddle_detection, tmp_path_factory.getbasetemp() / "Label.txt", text)

    assert message is None or "Label.txt, line " in message


GT = {
    "numbers as texts": ("1,2,11,2,11,12,1,12,1996\n1,2,11,2,11,12,1,12,12,50\n", ["1996", "12,50"]),
    "a script column": ("1,2,11,2,11,12,1,12,Latin,a, b\n1,2,11,2,11,12,1,12,None,###\n", ["a, b", "###"]),
    "a text that is a script's name": ("1,2,11,2,11,12,1,12,Latin\n1,2,11,2,11,12,1,12,x\n", ["Latin", "x"]),
    "ICDAR 2013, training": ('1 2 11 12 "say ""hi"\n1 2 11 12 "a \\"b\\""\n', ['say ""hi', 'a "b"']),
    "ICDAR 2013, test": ('1, 2, 11, 12, "one, two"\n11, 12, 1, 2, "x"\n', ["one, two", "x"]),
    "blanks and tabs": ("1.0  2 11 2\t11 12 1 12 one two\n", ["one two"]),
    "number signs": ("1,2,6,2,11,2,11,12,6,12,1,12,####one\n1,2,11,2,11,12,1,12,####1,5\n", ["one", "1,5"]),
    "no text anywhere": ("1,2,11,2,11,12,1,12\n1,2,11,2,11,12,1,12,\n", ["", ""]),
    "Total-Text": (
        "x: [[1 6 11\n 11 6 1]], y: [[ 2  2  2 12 12 12]], ornt: [u'm'], transcriptions: [u'it's']\n"
        'x: [[1 11 11 1]], y: [[2 2 12 12]], ornt: [u"h"], transcriptions: [u"#"]\n',
        ["it's", "#"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GT)
def test_every_way_to_write_gt_files_gives_the_same_outline_and_its_text(tmp_path, name):
    text, texts = GT[name]
    write_picture(tmp_path / "a.png")
    (tmp_path / "gt_a.txt").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    words = open_dataset(tmp_path).images[0].words
    assert [word.text for word in words] == texts
    for word in words:
        xs, ys = zip(*word.outline, strict=True)
        assert (min(xs), min(ys), max(xs), max(ys)) == (1, 2, 11, 12)
    assert [word.ignore for word in words] == [text in ("#", "###") for text in texts]


@pytest.mark.parametrize(
    "line",
    [
        "1,2,3,4,5,6,abc",
        "1,2,3,abc",
        "x1,y1,x2,y2,x3,y3,x4,y4,text",
        "1,2,11,12,two corners",
        "1,2,nan,2,11,12,1,12,x",
    ],
)
def test_a_line_with_too_few_coordinates_is_refused(tmp_path, line):
    write_picture(tmp_path / "a.png")
    (tmp_path / "gt_a.txt").write_text(f"1,2,11,2,11,12,1,12,a\n1,2,11,2,11,12,1,12,b\n{line}")
    with pytest.raises(UserError, match=r"gt_a\.txt, line 3: expected 8 coordinates"):
        open_dataset(tmp_path)


def test_placeholders_and_missing_texts_are_dont_care_and_counted(tmp_path):
    texts = ["Hi", "####", "待识别", "no_label", "", "*", "#1", "TEMPORARY"]
    words = [{"transcription": text, "points": QUAD} for text in texts]
    dataset = dataset_with(tmp_path, "Label.txt", f"a.jpg\t{json.dumps(words)}\n")
    kept = [word.text for word in dataset.images[0].words if not word.ignore]
    assert kept == ["Hi", "#1"]
    assert dataset.adjusted == {"placeholders_ignored": 3, "without_text_ignored": 1}


def test_crops_without_text_are_left_out_and_counted(tmp_path):
    dataset = dataset_with(tmp_path, "rec_gt.txt", "a.jpg\tx\nb.jpg\t###\nc.jpg\t \n")
    assert [image.name for image in dataset.images] == ["a.jpg"]
    assert dataset.adjusted == {"crops_left_out": 2}


def test_labels_without_any_text_still_measure_detection(tmp_path):
    words = [{"transcription": "", "points": QUAD}]
    dataset = dataset_with(tmp_path, "Label.txt", f"a.jpg\t{json.dumps(words)}\n")
    assert not dataset.images[0].words[0].ignore
    assert dataset.adjusted == {"no_text_at_all": 1}


def test_icdar_word_lists_are_crops(tmp_path):
    dataset = dataset_with(tmp_path, "rec_gt.txt", 'word_1.png, "Genaxis, Theatre"\nword_2.png, "[06]"\n')
    assert [image.words[0].text for image in dataset.images] == ["Genaxis, Theatre", "[06]"]


def test_labels_in_utf_16_are_read(tmp_path):
    (tmp_path / "rec_gt.txt").write_bytes("a.jpg\té\n".encode("utf-16"))
    assert open_dataset(tmp_path).images[0].words[0].text == "é"


def test_lines_that_are_turned_in_the_image_stay_turned_in_a_file_of_upright_ones(tmp_path):
    turned = (*box(1, 2)[2:], *box(1, 2)[:2])
    words = [{"quad": quad, "text": "x"} for quad in (box(0, 0), box(5, 5), turned)]
    dataset = dataset_with(tmp_path, "labels.json", json.dumps([{"image": "a.jpg", "words": words}]))
    assert dataset.images[0].words[2].outline == turned
    assert not dataset.adjusted


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        ([[5, 5]] * 4, "no area"),
        ([[0.1, 0.2], [0.4, 0.2], [0.4, 0.3], [0.1, 0.3]], "between 0 and 1"),
        ([[100, 10], [140, 10], [140, 20], [100, 20]], "outside their image"),
    ],
)
def test_outlines_that_cannot_be_around_text_are_refused_before_measuring(tmp_path, outline, said):
    write_picture(tmp_path / "a.png", width=64, height=48)
    words = [{"transcription": "x", "points": outline}]
    (tmp_path / "Label.txt").write_text(f"a.png\t{json.dumps(words)}\n")
    with pytest.raises(UserError, match=rf"Label\.txt: .*{said}"):
        open_to_measure(tmp_path)


def test_labels_of_the_stored_image_are_refused_when_exif_turns_it(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (100, 40)).save(tmp_path / "a.jpg", exif=exif)
    upright, stored = [[10, 60], [30, 90]], [[60, 10], [90, 30]]
    for outline in (upright, stored):
        words = [{"transcription": "x", "points": outline}]
        (tmp_path / "Label.txt").write_text(f"a.jpg\t{json.dumps(words)}\n")
        if outline is upright:
            assert open_to_measure(tmp_path).images
    with pytest.raises(UserError, match="EXIF turns: labels must be those of the upright image"):
        open_to_measure(tmp_path)


def test_two_kinds_of_label_in_one_file_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"line 2: a JSON list of words after the tab"):
        dataset_with(tmp_path, "rec_gt.txt", 'a.jpg\tx\nb.jpg\t[{"transcription": "x", "points": []}]\n')
