import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.evaluate.shards import shard

names = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=60)


@given(names, st.integers(1, 20))
def test_every_image_is_in_exactly_one_shard(images, size):
    shards = shard(images, size)

    assert sorted(name for part in shards.values() for name in part) == sorted(images)
    assert all(shards.values())


@given(names, st.integers(1, 20), st.randoms())
def test_the_order_of_the_images_does_not_matter(images, size, random):
    shuffled = list(images)
    random.shuffle(shuffled)

    assert shard(images, size) == shard(shuffled, size)


def test_another_image_touches_one_shard():
    images = [f"image_{number}.jpg" for number in range(900)]
    before, after = shard(images, 100), shard([*images, "new.jpg"], 100)

    changed = [name for name in after if before[name] != after[name]]

    assert len(before) == 16
    assert len(changed) == 1
    assert set(after[changed[0]]) - set(before[changed[0]]) == {"new.jpg"}


def test_shards_are_about_as_large_as_asked_for():
    shards = shard([f"{number}.jpg" for number in range(10_000)], 100)

    assert len(shards) == 128
    assert max(map(len, shards.values())) < 150


def test_a_size_below_one_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        shard(["a"], 0)
