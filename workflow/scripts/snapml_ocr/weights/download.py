"""Download one file from a web server that may be slow, wrong or gone."""

import sys
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from snapml_ocr.progress import Progress
from snapml_ocr.weights.file_spec import SourceError
from snapml_ocr.weights.sources import without_credentials

if TYPE_CHECKING:
    import requests

_CHUNK_BYTES = 2**16
_MAX_REDIRECTS = 5
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP status codes that say "later", not "never"."""


@dataclass(frozen=True)
class RetryPolicy:
    """How long to wait for a server. The defaults let a build without network fail within half a minute."""

    connect_s: float = 5.0
    read_s: float = 30.0
    """Longest time without a single byte."""
    attempts: int = 3
    pause_s: float = 1.0
    """Before the second attempt; doubled before each further one."""
    slowest_bytes_per_s: float = 1024.0
    """A server that is slower than this over any `read_s` is given up."""


class _TemporaryError(SourceError):
    """May be gone at the next attempt."""


def download(url: str, target: Path, largest_bytes: int, retries: RetryPolicy) -> None:
    """Write the content of `url` to `target`, which is complete only when this returns.

    Connection failures, cut transfers and "try later" answers are retried. Raises `SourceError` that says
    what happened and how often it was tried.
    """
    pause = retries.pause_s
    for attempt in range(1, retries.attempts + 1):
        try:
            _download_once(url, target, largest_bytes, retries)
            return
        except _TemporaryError as error:
            if attempt == retries.attempts:
                raise SourceError(f"{error} ({attempt} attempts)") from None
            print(f"{without_credentials(url)}: {error}; trying again", file=sys.stderr, flush=True)
            time.sleep(pause)
            pause *= 2


def _download_once(url: str, target: Path, largest_bytes: int, retries: RetryPolicy) -> None:
    import requests  # here, not above: models from wheels, folders and mirror folders need no web client
    import urllib3

    try:
        with requests.Session() as session:
            session.max_redirects = _MAX_REDIRECTS
            response = session.get(
                url,
                stream=True,
                timeout=(retries.connect_s, retries.read_s),
                headers={"Accept-Encoding": "identity", "User-Agent": "snapml-ocr"},
            )
            with response:
                _refuse_status(response)
                total = _announced_bytes(response)
                if total is not None and total > largest_bytes:
                    raise SourceError(f"the server announces {total} bytes, more than {largest_bytes}")
                _save(response, target, total, largest_bytes, retries)
    except requests.exceptions.SSLError as error:
        raise SourceError(f"the server's certificate is not accepted: {_innermost(error)}") from None
    except requests.exceptions.ConnectTimeout:
        raise _TemporaryError(f"no connection within {retries.connect_s:g} s") from None
    except (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError):
        raise _TemporaryError(f"no data for {retries.read_s:g} s") from None
    except requests.exceptions.ConnectionError as error:
        if "NameResolutionError" in repr(error):  # urllib3 gives the cause as its class only
            host = urlsplit(url).hostname
            raise _TemporaryError(f"no address is known for {host}; is there a network?") from None
        raise _TemporaryError(f"no connection: {_innermost(error)}") from None
    except urllib3.exceptions.HTTPError as error:
        raise _TemporaryError(f"the connection was cut: {_innermost(error)}") from None
    except (requests.exceptions.RequestException, UnicodeError, ValueError) as error:
        raise SourceError(f"{type(error).__name__}: {_innermost(error)}") from None


def _refuse_status(response: "requests.Response") -> None:
    code = response.status_code
    if code in _TRY_AGAIN:
        raise _TemporaryError(f"the server answers {code} {response.reason}")
    if code != HTTPStatus.OK:
        raise SourceError(f"the server answers {code} {response.reason}")


def _announced_bytes(response: "requests.Response") -> int | None:
    announced = response.headers.get("Content-Length", "")
    return int(announced) if announced.isdecimal() else None


def _save(
    response: "requests.Response", target: Path, total: int | None, largest_bytes: int, retries: RetryPolicy
) -> None:
    response.raw.enforce_content_length = False  # the check below says it in plain words
    received = window_bytes = 0
    window_start = time.monotonic()
    with Progress(target.name, total, unit="B") as progress, target.open("wb") as file:
        # read1 returns what has come; read would wait for a full chunk and so hide a server that trickles
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=False):
            received += len(chunk)
            window_bytes += len(chunk)
            if received > largest_bytes:
                raise SourceError(f"the server sends more than {largest_bytes} bytes")
            file.write(chunk)
            progress.advance(len(chunk))
            seconds = time.monotonic() - window_start
            if seconds >= retries.read_s:
                if window_bytes < seconds * retries.slowest_bytes_per_s:
                    raise _TemporaryError(f"only {window_bytes} bytes came in {seconds:.0f} s")
                window_start, window_bytes = time.monotonic(), 0
    if total is not None and received != total:
        raise _TemporaryError(f"{received} of {total} bytes came before the connection ended")


def _innermost(error: BaseException) -> str:
    """Return the reason under the layers of requests and urllib3, on one line without object addresses."""
    reason: BaseException = error
    while True:
        inner = getattr(reason, "reason", None) or next(
            (one for one in reason.args if isinstance(one, BaseException)), None
        )
        if not isinstance(inner, BaseException):
            break
        reason = inner
    text = " ".join(str(reason).split())
    return text.rpartition(">: ")[2] or type(reason).__name__
