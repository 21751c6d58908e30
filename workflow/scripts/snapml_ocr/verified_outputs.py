"""Lists of checksums beside the files they are of, in the form that `sha256sum --check` reads."""

from collections.abc import Iterable
from pathlib import Path

from snapml_ocr.errors import UserError
from snapml_ocr.files import sha256_of, write_text


def write_checksums(files: Iterable[Path], output: Path) -> None:
    """Write the SHA-256 of files that lie in the folder of `output`."""
    write_text(output, "".join(f"{sha256_of(file)}  {file.name}\n" for file in files))


def verified_checksum(file: Path, checksums: Path) -> str:
    """Return the SHA-256 of `file`, which is the one that the list `checksums` gives for its name.

    Raises `UserError` when it is another one or not in the list, and names what the files are links to: these
    are entries of a shared cache.
    """
    listed = {
        name: sha256
        for sha256, _, name in (
            line.partition("  ") for line in checksums.read_bytes().decode(errors="replace").splitlines()
        )
    }
    found = sha256_of(file)
    if listed.get(file.name) != found:
        entries = " ".join(str(path.resolve()) for path in (file, checksums) if path.is_symlink())
        cure = f"remove the damaged cache entry: rm {entries}" if entries else "make it anew"
        raise UserError(f"{file} does not have the checksum in {checksums}; {cure}")
    return found
