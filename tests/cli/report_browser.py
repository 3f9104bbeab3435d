"""A report and a comparison in headless Chromium: every chart has drawn, no script failed, nothing was fetched, nothing
is wider than the window. Skipped where there is no Chromium (NASMYTH_BROWSER=1 make setup installs it)."""
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

NASMYTH = os.environ["NASMYTH"]
SOURCE = pathlib.Path(os.environ["NASMYTH_SOURCE_DIR"])
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome-headless-shell"]
SMALL = [
    "--data", "planted:train=1000,test=200", "--space", "compact", "--max", "params=8k", "--max", "macs=400k", "--no-controls",
    "--set", "space.layers=2", "--set", "space.widths=[8:12, 16:24]", "--set", "space.strides=[1, 2]",
    "--set", "search.epochs=3", "--set", "search.warmup_epochs=1", "--set", "derive.candidates=3", "--set",
    "derive.finalists=1", "--set", "derive.images=100", "--set", "retrain.epochs=2", "--quiet",
]
# Before anything else of the page: what goes wrong is remembered.
LISTEN = """<script>window.found = {faults: []};
addEventListener("error", (e) => found.faults.push("error: " + e.message));
addEventListener("securitypolicyviolation", (e) => found.faults.push("blocked: " + e.blockedURI));
console.error = (...words) => found.faults.push("console: " + words.join(" "));</script>"""
# After everything else: all is unfolded, and each canvas is looked at.
LOOK = """<script>
document.querySelectorAll("details").forEach((d) => { d.open = true; });
setTimeout(() => {
  found.charts = [...document.querySelectorAll("figure.chart")].map((figure) => {
    const canvas = figure.querySelector("canvas");
    const spec = JSON.parse(figure.querySelector("script").textContent);
    const chart = window.Chart && Chart.getChart(canvas);
    let coloured = 0;
    if (canvas.width && canvas.height) {
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      for (let i = 0; i < pixels.length; i += 4) {
        const rgb = [pixels[i], pixels[i + 1], pixels[i + 2]];
        coloured += pixels[i + 3] > 100 && Math.max(...rgb) - Math.min(...rgb) > 30;
      }
    }
    return {title: figure.querySelector("figcaption").textContent, series: spec.series.length,
            drawn: chart ? chart.data.datasets.length : 0, coloured};
  });
  const root = document.documentElement;
  found.wide = root.scrollWidth - root.clientWidth;
  found.drawings = [...document.querySelectorAll(".network svg")].map((svg) => svg.getBoundingClientRect().width);
  const out = document.createElement("pre");
  out.id = "found";
  out.textContent = JSON.stringify(found);
  document.body.append(out);
}, 300);
</script>"""


def browser():
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def run(*arguments):
    done = subprocess.run([NASMYTH, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"{arguments}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}"


def look(page, width, root):
    """What the browser finds on a page in a window of that width."""
    text = page.read_text(encoding="utf-8")
    watched = root / "watched.html"
    watched.write_text(text.replace("<head>", "<head>" + LISTEN, 1).replace("</body>", LOOK + "</body>", 1))
    command = [browser(), "--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars", f"--window-size={width},2000",
               f"--user-data-dir={root / 'profile'}", "--virtual-time-budget=10000", "--dump-dom", watched.as_uri()]
    if os.geteuid() == 0:
        command.insert(1, "--no-sandbox")
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=dict(os.environ, HOME=str(root)))
    match = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.S)
    assert match, f"{page}: the page did not come to its end\n{done.stderr[-2000:]}"
    return json.loads(html.unescape(match.group(1)))


def check(page, root):
    for width in [1200, 500]:
        found = look(page, width, root)
        assert not found["faults"], found["faults"]
        assert found["charts"], "no charts"
        for chart in found["charts"]:
            assert chart["drawn"] == chart["series"] > 0 and chart["coloured"] > 20, (page, width, chart)
        assert found["wide"] <= 0, f"{page}: {found['wide']} pixels wider than a window of {width}"
        assert found["drawings"] and all(w > 100 for w in found["drawings"]), found["drawings"]
    return len(found["charts"])


def main():
    if not browser() or not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        run("search", *SMALL, "--output", str(root / "first"))
        shutil.copytree(root / "first", root / "second")
        charts = check(root / "first/report.html", root)
        run("report", "--compare", str(root / "first"), str(root / "second"), "--output", str(root / "comparison.html"))
        charts += check(root / "comparison.html", root)
        print(f"{charts} charts have drawn")


main()
