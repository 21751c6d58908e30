r"""Serve the demonstration page of a bundle on the loopback address, and print the address.

The page runs the bundle's own models and OcrCore.js in the browser, on ONNX Runtime Web from the packages of
workflow/lens/package-lock.json, which are installed at the first start. No file leaves the machine. Example:

    python workflow/scripts/demo.py results/lens/ppocrv4-v6-en

Ends with Ctrl-C. Exit 2 wrong usage, or no bundle there.
"""

import argparse
import functools
import http.server
from contextlib import suppress
from pathlib import Path
from typing import Any

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import UserError
from snapml_ocr.lens.node import PACKAGES, install_packages

RUNTIME = "/demo/ort/"
"""Where the page looks for ONNX Runtime Web."""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of the bundle, and of ONNX Runtime Web below `RUNTIME`."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".js": "text/javascript",
        ".wasm": "application/wasm",
    }

    def translate_path(self, path: str) -> str:
        """Return the file of an address."""
        plain = path.partition("?")[0]
        if plain.startswith(RUNTIME):
            return str(PACKAGES / "onnxruntime-web" / "dist" / Path(plain).name)
        return super().translate_path(path)

    def end_headers(self) -> None:
        """Allow threads in WebAssembly, and fetch files anew after a build."""
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send a file, unless the browser has left."""
        with suppress(ConnectionError):
            super().copyfile(source, outputfile)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of what is served."""


def main() -> None:
    """Serve until interrupted."""
    args = parse_args()
    if not (args.bundle / "demo" / "index.html").is_file():
        raise UserError(f"{args.bundle}: holds no bundle; `make build` makes results/lens/{{pipeline}}")
    install_packages()
    handler = functools.partial(Handler, directory=str(args.bundle))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", args.port), handler)
    except OSError as error:
        raise UserError(
            f"port {args.port}: {error.strerror}; choose another with --port, 0 takes a free one"
        ) from None
    print(f"http://127.0.0.1:{server.server_port}/demo/index.html   (Ctrl-C ends it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__.partition("\n\n")[0])
    parser.add_argument("bundle", type=Path, help="folder of a bundle, results/lens/PIPELINE")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
