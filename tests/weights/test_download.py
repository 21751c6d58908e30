import time

import pytest

from snapml_ocr.weights.download import RetryPolicy, download
from snapml_ocr.weights.file_spec import SourceError
from weights.server import closed_port, cut, reset, serving, silence, status, trickle, whole

CONTENT = bytes(range(256)) * 2000
LARGEST = 2**20
QUICK = RetryPolicy(connect_s=0.5, read_s=0.3, attempts=3, pause_s=0.01)


def downloaded(answers, tmp_path, retries=QUICK, largest=LARGEST):
    with serving({"/x.tar": answers}) as server:
        try:
            download(server.url("/x.tar"), tmp_path / "x.tar", largest, retries)
        finally:
            requests.extend(server.requests)
    return (tmp_path / "x.tar").read_bytes()


requests: list[str] = []


@pytest.fixture(autouse=True)
def no_requests_yet():
    requests.clear()


@pytest.mark.parametrize("announce", [True, False])
def test_a_file_arrives_whole(tmp_path, announce):
    assert downloaded([whole(CONTENT, announce)], tmp_path) == CONTENT
    assert len(requests) == 1


@pytest.mark.parametrize(
    "failure",
    [status(503), status(429), cut(CONTENT, 1000), cut(CONTENT, 0), reset(CONTENT, 300_000), silence(0.6)],
)
def test_a_passing_failure_is_tried_again(tmp_path, failure, capsys):
    assert downloaded([failure, whole(CONTENT)], tmp_path) == CONTENT
    assert len(requests) == 2
    assert "trying again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (status(500), "the server answers 500"),
        (cut(CONTENT, 1000), "1000 of 512000 bytes"),
        (silence(0.6), r"no data for 0\.3 s"),
    ],
)
def test_a_lasting_failure_is_told_with_the_number_of_attempts(tmp_path, failure, reason):
    with pytest.raises(SourceError, match=rf"{reason}.*\(3 attempts\)"):
        downloaded([failure], tmp_path)
    assert len(requests) == 3


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_final_answer_is_not_asked_for_again(tmp_path, code):
    with pytest.raises(SourceError, match=f"the server answers {code}"):
        downloaded([status(code)], tmp_path)
    assert len(requests) == 1


def test_a_server_that_trickles_is_given_up(tmp_path):
    retries = RetryPolicy(connect_s=0.5, read_s=0.3, attempts=1, slowest_bytes_per_s=100_000)
    started = time.monotonic()
    with pytest.raises(SourceError, match="bytes came in"):
        downloaded([trickle(CONTENT, chunk=1000, pause_s=0.05)], tmp_path, retries)
    assert time.monotonic() - started < 5


def test_a_slow_but_steady_server_is_waited_for(tmp_path):
    retries = RetryPolicy(connect_s=0.5, read_s=0.2, attempts=1, slowest_bytes_per_s=1000)
    content = CONTENT[:10_000]
    assert downloaded([trickle(content, chunk=500, pause_s=0.04)], tmp_path, retries) == content


@pytest.mark.parametrize("announce", [True, False])
def test_more_than_the_bound_is_refused(tmp_path, announce):
    with pytest.raises(SourceError, match="bytes"):
        downloaded([whole(CONTENT, announce)], tmp_path, largest=100_000)
    assert len(requests) == 1
    assert not (tmp_path / "x.tar").exists() or (tmp_path / "x.tar").stat().st_size <= 100_000


def test_a_redirect_is_followed_and_a_loop_is_not(tmp_path):
    answers = {"/old.tar": [status(302, Location="/x.tar")], "/x.tar": [whole(CONTENT)]}
    with serving({**answers, "/loop.tar": [status(302, Location="/loop.tar")]}) as server:
        download(server.url("/old.tar"), tmp_path / "x", LARGEST, QUICK)
        assert (tmp_path / "x").read_bytes() == CONTENT
        with pytest.raises(SourceError, match=r"(?i)redirect"):
            download(server.url("/loop.tar"), tmp_path / "y", LARGEST, QUICK)


def test_a_redirect_to_a_local_file_is_refused(tmp_path):
    with pytest.raises(SourceError):
        downloaded([status(302, Location="file:///etc/passwd")], tmp_path)


def test_nobody_listening_is_told(tmp_path):
    with pytest.raises(SourceError, match=r"no connection: .*refused.* \(3 attempts\)"):
        download(f"http://127.0.0.1:{closed_port()}/x.tar", tmp_path / "x", LARGEST, QUICK)


def test_an_unknown_host_is_told(tmp_path):
    with pytest.raises(SourceError, match=r"no address is known for nowhere\.invalid"):
        download("http://nowhere.invalid/x.tar", tmp_path / "x", LARGEST, QUICK)


def test_secrets_in_a_url_are_not_shown(tmp_path, capsys):
    with serving({"/x.tar": [status(503), status(404)]}) as server:
        url = server.url("/x.tar?token=secret").replace("//", "//user:secret@")
        with pytest.raises(SourceError) as caught:
            download(url, tmp_path / "x", LARGEST, QUICK)
    assert "secret" not in str(caught.value) + capsys.readouterr().err
