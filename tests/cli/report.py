"""Reports and comparisons of small runs, as a user asks for them: whole, interrupted, damaged, with nonsense."""
import hashlib
import html.parser
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from program import NASMYTH, run

SOURCE = pathlib.Path(os.environ["NASMYTH_SOURCE_DIR"])
SMALL = [
    "--data", "planted:train=1000,test=200", "--space", "compact", "--max", "params=8k", "--max", "macs=400k", "--no-controls",
    "--set", "space.layers=2", "--set", "space.widths=[8:12, 16:24]", "--set", "space.strides=[1, 2]",
    "--set", "search.epochs=2", "--set", "search.warmup_epochs=1", "--set", "derive.candidates=3", "--set",
    "derive.finalists=1", "--set", "derive.images=100", "--set", "search.batch_size=32", "--set", "retrain.epochs=1", "--quiet",
]
SECTIONS = ["result", "network", "layers", "mistakes", "warnings-and-decisions", "search", "choice-weights", "derivation",
            "retraining", "time", "configuration", "seed-and-environment"]


class Page(html.parser.HTMLParser):
    """Sections, charts, images and addresses of a page."""

    def __init__(self, path):
        super().__init__()
        self.sections, self.charts, self.images, self.addresses = [], [], [], []
        self.data = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "section":
            self.sections.append(attributes["id"])
        self.data = tag == "script" and attributes.get("type") == "application/json"
        if tag == "img":
            self.images.append(attributes["src"])
        for name in ("src", "href"):
            if name in attributes:
                self.addresses.append(attributes[name])

    def handle_data(self, data):
        if self.data:
            self.charts.append(json.loads(data))
            self.data = False


def check_page(path):
    page = Page(path)
    for address in page.addresses:
        assert address.startswith(("#", "data:")), address
    for chart in page.charts:
        assert chart["series"] and all(len(s["values"]) <= len(chart["labels"]) for s in chart["series"]), chart
    return page


def whole(directory):
    page = check_page(directory / "report.html")  # of the search itself
    assert page.sections == SECTIONS, page.sections
    assert page.images, "no misclassified images"
    kinds = [chart["kind"] for chart in page.charts]
    assert kinds.count("area") >= 10, kinds  # the choices
    costs = [c for c in page.charts if c["limits"]]
    assert len(costs) == 2 and all(c["limits"] == [{"name": "limit", "value": 1}] for c in costs), costs
    lines = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
    for line in lines:
        if line["phase"] == "search":
            assert all(abs(sum(p) - 1) < 1e-3 for p in line["probabilities"]), line
    assert "written to" in run("report", str(directory)).stdout
    assert check_page(directory / "report.html").sections == SECTIONS
    run("report", str(directory), "--no-images", "--output", str(directory.parent / "plain.html"))
    assert not check_page(directory.parent / "plain.html").images


def partial(directory, root):
    """What a run leaves that was killed while it searched, and one whose files are damaged."""
    early = root / "early"
    early.mkdir()
    for name in ["configuration.yaml", "architecture_parameters.json", "first_steps.json"]:
        shutil.copy(directory / name, early / name)
    lines = (directory / "metrics.jsonl").read_text().splitlines(keepends=True)
    (early / "metrics.jsonl").write_text(lines[0] + lines[1][:50])
    run("report", str(early))
    page = check_page(early / "report.html")
    assert "search" in page.sections and "choice-weights" in page.sections and "mistakes" not in page.sections
    assert "not finished" in (early / "report.html").read_text()
    (early / "metrics.jsonl").unlink()
    run("report", str(early))
    damaged = root / "damaged"
    shutil.copytree(directory, damaged)
    for name in ["result.json", "network.json", "predictions.json"]:
        (damaged / name).write_bytes((damaged / name).read_bytes()[:100])
    run("report", str(damaged))
    assert (damaged / "report.html").read_text().count("could not be read") == 3
    gone = root / "gone"
    shutil.copytree(directory, gone)
    configuration = gone / "configuration.yaml"
    configuration.write_text(re.sub(r"(?m)^data: .*", f"data: folder:{root}/nowhere", configuration.read_text()))
    run("report", str(gone))
    assert "The data is not at hand" in (gone / "report.html").read_text()


def comparison(first, second, root):
    page = root / "comparison.html"
    run("report", "--compare", str(first), str(second), str(root / "early"), "--output", str(page))
    text = page.read_text()
    found = check_page(page)
    assert "differences-of-the-configuration" in found.sections and found.charts, found.sections
    # An escape between a word and the next, so that the explanation below the table does not count.
    assert re.search(r">(better|worse|not distinguishable)</td>", text), "no comparison"
    row = re.search(r'<th scope="row">seed</th>.*', text).group(0)
    assert row.count("changed") == 3, row
    assert "no network was tested yet" in text


def nonsense(directory, root):
    def refused(*arguments, word):
        done = run(*arguments, code=2)
        assert word in done.stderr and done.stderr.count("\n") == 1, done.stderr

    refused("report", word="no run is given")
    refused("report", str(root / "absent"), word="no such run")
    refused("report", str(root), word="configuration.yaml")
    refused("report", str(directory), str(directory), word="--compare")
    refused("report", "--compare", str(directory), word="name another run")
    refused("report", str(directory), "--outptu", "x.html", word="--output")
    refused("report", str(directory), "--output", str(root / "no/such/folder.html"), word="folder.html")
    refused("report", str(directory), "--output", str(root), word="not overwritten")
    mine = root / "mine.html"
    mine.write_text("<p>mine</p>")
    refused("report", str(directory), "--output", str(mine), word="not overwritten")
    assert mine.read_text() == "<p>mine</p>"
    run("list", "report_sections")


def chart_library():
    folder = SOURCE / "third_party/chart.js"
    checksum = hashlib.sha256((folder / "chart.umd.min.js").read_bytes()).hexdigest()
    assert checksum in (folder / "README.md").read_text(), "the chart library is not what its README.md says"


def main():
    chart_library()
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        first, second = root / "first", root / "second <b>&"
        run("search", *SMALL, "--output", str(first))
        run("search", *SMALL, "--seed", "2", "--set", "search.momentum=0.8", "--output", str(second))
        whole(first)
        partial(first, root)
        comparison(first, second, root)
        nonsense(first, root)


main()
