"""The page as a browser shows it, at two widths, light and dark."""

import json
import re
import subprocess
from html import unescape

import pytest
from fabricated_build import fabricate
from test_report_pages import make_report

from browser import chromium

CHECK = """
<script>
window.addEventListener("load", async () => {
  const wide = [...document.querySelectorAll("main .scroll")].filter((table) =>
    !table.closest("details") && table.scrollWidth > table.clientWidth + 1);
  for (const each of document.querySelectorAll("details")) each.open = true;
  const images = [...document.images];
  for (const image of images) image.loading = "eager";
  await Promise.all(images.map((image) => image.decode().catch(() => {})));
  const height = (element) => element.getBoundingClientRect().height;
  const outside = [...document.querySelectorAll("main *")].filter((element) =>
    element.getBoundingClientRect().right > innerWidth + 1 && !element.closest(".scroll, pre, svg"));
  const requests = performance.getEntriesByType("resource").map((one) => one.name);
  parent.document.documentElement.dataset.check = JSON.stringify({
    width: innerWidth,
    overflow: document.documentElement.scrollWidth - innerWidth,
    outside: outside.map((element) => element.outerHTML.slice(0, 80)),
    wide: wide.map((table) => table.getAttribute("aria-label")),
    broken: images.filter((image) => !image.naturalWidth).length,
    images: images.length,
    plots: [...document.querySelectorAll("figure svg")].filter((plot) => height(plot) > 40).length,
    cut: [...document.querySelectorAll("figure svg text")].filter((text) =>
      text.getBoundingClientRect().right > text.closest("figure").getBoundingClientRect().right + 1
    ).map((text) => text.textContent),
    fetched: requests.filter((name) => !name.startsWith("data:")),
    paper: getComputedStyle(document.body).backgroundColor,
    ink: getComputedStyle(document.body).color,
  });
});
</script>
"""
FRAME = """<!DOCTYPE html><title>frame</title><link rel="icon" href="data:,">
<iframe title="page" style="width:{width}px;height:900px;border:0"></iframe>
<script>document.querySelector("iframe").srcdoc = {html};</script>
"""
"""A frame of the width wanted: a browser's own window does not get as narrow as a phone."""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    chromium()
    folder = tmp_path_factory.mktemp("browser")
    done = make_report(fabricate(folder / "results"), folder / "report")
    assert done.returncode == 0, done.stderr
    html = (folder / "report" / "index.html").read_text(encoding="utf-8")
    return html.replace("</body>", CHECK + "</body>")


def looked_at(page, folder, width, scheme):
    """What the page says about itself once loaded, and the lines of the browser's console."""
    frame = folder / "frame.html"
    html = json.dumps(page).replace("</", "<\\/")
    frame.write_text(FRAME.format(width=width, html=html), encoding="utf-8")
    preference = {"light": 1, "dark": 0}[scheme]
    done = subprocess.run(
        [
            chromium(),
            *(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-sync",
            ),
            *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
            f"--user-data-dir={folder / 'profile'}",
            "--window-size=1400,1000",
            f"--blink-settings=preferredColorScheme={preference}",
            "--enable-logging=stderr",
            "--virtual-time-budget=5000",
            "--dump-dom",
            frame.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    found = re.search(r'data-check="([^"]*)"', done.stdout)
    assert found, f"the page's script did not run: {done.stderr[-500:]}"
    return json.loads(unescape(found[1])), [line for line in done.stderr.splitlines() if ":CONSOLE" in line]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800, 390])
def test_the_page_is_whole(page, tmp_path, width, scheme):
    seen, console = looked_at(page, tmp_path, width, scheme)
    assert seen["width"] == width
    assert console == []
    assert (seen["overflow"], seen["outside"]) == (0, [])
    assert width < 1280 or seen["wide"] == [], "a table that is shown at once fits a desktop"
    assert (seen["images"], seen["broken"]) == (4, 0)
    assert seen["plots"] >= 10
    assert seen["cut"] == []
    assert seen["fetched"] == []
    assert (luminance(seen["paper"]) < 0.1) == (scheme == "dark")
    assert contrast(seen["paper"], seen["ink"]) >= 7, "WCAG 2.2, level AAA"


def contrast(one, other):
    """Contrast ratio of two CSS colours, as WCAG 2.2 defines it."""
    first, second = sorted((luminance(one), luminance(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def luminance(colour):
    channels = [int(value) / 255 for value in re.findall(r"\d+", colour)[:3]]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
