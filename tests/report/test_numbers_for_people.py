import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.report.numbers import count_of, megabytes, milliseconds, percent, significant
from snapml_ocr.report.table import Column, Table


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1.2345, "1.23"), (12.345, "12.3"), (123.4, "123"), (1234.0, "1234"), (0.00123, "0.00123"),
     (0.00057, "5.70e-4"), (1.234e-7, "1.23e-7"), (2.5e9, "2.50e9"), (-0.5, "-0.500")],
)  # fmt: skip
def test_three_digits_are_enough_and_tiny_numbers_get_an_exponent(value, text):
    assert significant(value) == text


@given(st.floats(1e-9, 1e9))
def test_rounding_never_moves_a_number_by_more_than_a_twentieth(value):
    assert float(significant(value)) == pytest.approx(value, rel=0.05)


def test_units_are_spelt_as_people_write_them():
    assert milliseconds(12.34) == "12.3 ms"
    assert megabytes(4_753_359) == "4.75 MB"
    assert percent(0.834) == "83%"
    assert percent(0.021) == "2.1%"
    assert count_of(1, "image") == "1 image"
    assert count_of(2, "image") == "2 images"


def test_a_csv_file_keeps_numbers_unrounded_and_leaves_unknown_ones_empty():
    table = Table("t", "", [Column("a", "A", significant), Column("b", "B")], [{"a": 1.23456, "b": None}])
    assert table.as_csv() == "a,b\n1.23456,\n"
    assert table.shown(table.rows[0], table.columns[0]) == "1.23"
