"""The main job on a small planted task, as a user runs it: twice, interrupted, with nonsense."""
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from program import NASMYTH, run

SMALL = [
    "--data", "planted", "--space", "compact", "--max", "params=8k", "--max", "macs=400k",
    "--set", "space.layers=2", "--set", "space.widths=[8:12, 16:24]", "--set", "space.strides=[1, 2]",
    "--set", "search.epochs=2", "--set", "search.warmup_epochs=1", "--set", "derive.candidates=3", "--set", "derive.finalists=2",
    "--set", "derive.images=200", "--set", "retrain.epochs=1", "--set", "splits.search_validation=0.3",
    "--set", "random.candidates=1", "--set", "random.epochs=1",
]


def metrics(directory):
    lines = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if "seconds" not in k} for line in lines]


def check_result(directory):
    result = json.loads((directory / "result.json").read_text())
    assert [arm["name"] for arm in result["arms"]] == ["search", "random", "hand_made"], result["arms"]
    for limit in result["limits"]:
        assert 0 < limit["cost"] <= limit["at_most"], limit
    for arm in result["arms"]:
        assert arm["costs"]["params"] <= 8000 and arm["costs"]["macs"] <= 400000, arm
    assert {c["result"] for c in result["comparisons"]} <= {"better", "worse", "not distinguishable"}
    for name in ["architecture.json", "network.onnx", "weights.bin", "configuration.yaml", "network.json"]:
        assert (directory / name).stat().st_size > 0, name
    return result


def same_seed_same_bytes(root):
    first, second = root / "first", root / "second"
    run("search", *SMALL, "--output", str(first), "--quiet")
    # The second time from what the first wrote down.
    run("search", "--config", str(first / "configuration.yaml"), "--output", str(second), "--quiet")
    for name in ["architecture.json", "weights.bin", "network.onnx"]:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    assert metrics(first) == metrics(second)
    check_result(second)
    return first


def what_follows_a_run(root, directory):
    result = check_result(directory)
    derived = json.loads(run("derive", str(directory), "--json").stdout)
    assert derived["source"] == "run"
    assert derived["architecture"] == json.loads((directory / "architecture.json").read_text())
    tighter = json.loads(run("derive", str(directory), "--max", "params=4k", "--json").stdout)
    assert tighter["limits"][0]["cost"] <= 4000 and tighter["proven"], tighter
    evaluated = json.loads(run("evaluate", str(directory), "--json").stdout)
    assert abs(evaluated["accuracy"] - result["arms"][0]["test_accuracy"]) < 1e-9
    run("export", "--run", str(directory), "--output", str(root / "again.onnx"))
    assert (root / "again.onnx").read_bytes() == (directory / "network.onnx").read_bytes()
    run("train", "--config", str(directory / "configuration.yaml"), "--architecture",
        str(directory / "architecture.json"), "--output", str(root / "trained"), "--quiet")
    assert (root / "trained/network.onnx").exists()
    assert "<h2>Retraining</h2>" in (root / "trained/report.html").read_text()
    assert (root / "trained/architecture.json").read_bytes() == (directory / "architecture.json").read_bytes()
    done = run("train", "--config", str(directory / "configuration.yaml"), "--architecture",
               str(directory / "architecture.json"), "--max", "params=100", "--output", str(root / "above"), code=2)
    assert "limits.params" in done.stderr and not (root / "above/weights.bin").exists()


def interrupted(root):
    directory = root / "interrupted"
    process = subprocess.Popen([NASMYTH, "search", *SMALL, "--set", "search.epochs=500", "--output", str(directory)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.time() + 120
    while not (directory / "architecture_parameters.json").exists() and time.time() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert f"go on with: nasmyth search --resume {directory}" in err, err
    assert (directory / "checkpoint").stat().st_size > 0
    assert json.loads(run("derive", str(directory), "--json").stdout)["source"] == "architecture parameters"


def nonsense(root, directory):
    def refused(*arguments, word):
        done = run(*arguments, code=2)
        assert word in done.stderr and done.stderr.count("\n") == 1, done.stderr

    before = (directory / "result.json").read_bytes()
    refused("search", *SMALL, "--output", str(directory), word="nothing is overwritten")
    assert (directory / "result.json").read_bytes() == before
    refused("search", "--data", "planted", "--max", "parms=20k", word="params")
    refused("search", "--data", "planted", "--max", "params", word="--max params=20k")
    refused("search", "--data", "planed", word="planted")
    refused("search", "--data", "planted", "--set", "search.epoch=2", word="epochs")
    refused("search", "--data", "planted", "--set", "search.epochs=2", word="warm-up")
    refused("search", "--data", "planted", "--set", "search.strategy=random", word="search.candidates")
    refused("search", "--data", "planted", "--set", "derive.finalists=33", word="candidates")
    refused("search", "--config", str(root / "absent.yaml"), word="absent.yaml")
    refused("evaluate", str(root / "absent"), word="no such run")
    refused("derive", word="no run is given")
    done = run("search", "--data", "planted", "--max", "params=10", "--output", str(root / "never"), code=2)
    assert not (root / "never").exists() and "params" in done.stderr
    run("check", "--data", "planted", "--max", "params=10", code=2)
    run("check", *SMALL, "--json")


def main():
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        directory = same_seed_same_bytes(root)
        what_follows_a_run(root, directory)
        interrupted(root)
        nonsense(root, directory)


main()
