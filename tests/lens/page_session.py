"""A page in headless Chromium in which tests press keys, over the pipe of its DevTools protocol."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from browser import chromium

KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowLeft": 37, "ArrowRight": 39}
"""Codes of the keys that tests press."""


class PageSession:
    """One page; `folder` takes the browser's profile. Use as a context manager."""

    def __init__(self, address: str, folder: Path, width: int, height: int, *options: str) -> None:
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        # Chromium reads commands from descriptor 3 and answers on 4.
        launch = ["bash", "-c", f'exec "$@" 3<&{commands} 4>&{answers}', "bash", chromium(), "--headless=new"]
        profile = f"--user-data-dir={folder / 'profile'}"
        self._process = subprocess.Popen(
            [*launch, "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", profile, *options],
            pass_fds=(commands, answers),
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self._number, self._left, self._session = 0, b"", ""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.resize(width, height)
        self._call("Page.navigate", url=address)
        self.wait_for("document.readyState === 'complete'")

    def __enter__(self) -> "PageSession":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._commands)
        os.close(self._answers)

    def resize(self, width: int, height: int) -> None:
        """Make the window so wide and high; narrow ones are phones'."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self._call("Emulation.setDeviceMetricsOverride", **size)

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, expression: str, seconds: float = 60) -> Any:
        """Return the value of a JavaScript expression once it is true."""
        end = time.monotonic() + seconds
        while not (value := self.evaluate(expression)):
            assert time.monotonic() < end, f"{expression} is still {value}"
            self.evaluate("new Promise((resolve) => setTimeout(resolve, 50))")
        return value

    def press(self, key: str, times: int = 1) -> None:
        """Press a key where the focus is."""
        text = {"text": {"Enter": "\r"}.get(key, key)} if key in ("Enter", " ") else {}
        for _ in range(times):
            for kind in ("keyDown", "keyUp"):
                code = {"key": key, "windowsVirtualKeyCode": KEYS[key]}
                self._call("Input.dispatchKeyEvent", type=kind, **code, **(text if kind == "keyDown" else {}))

    def _call(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self._left:
                part = os.read(self._answers, 1 << 16)
                assert part, "the browser has ended"
                self._left += part
            line, _, self._left = self._left.partition(b"\0")
            answer = json.loads(line)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
