"""A run under a time limit: its decisions are written down, and replayed by resume and verify."""
import json
import os
import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from kill_and_resume import NASMYTH, SMALL, content, killed, run

SMALL = [*SMALL, "--data", "planted:train=1500,test=200", "--threads", "1"]
LIMITED = [*SMALL, "--time-limit", "12s", "--set", "random.candidates=0"]


def forecast():
    found = json.loads(run("check", *SMALL, "--json").stdout)["forecast"]
    assert found["seconds"] > 0 and found["memory_bytes"] > 1e6, found
    stages = [s["stage"] for s in found["stages"]]
    assert stages[:3] == ["start", "search", "ranking"] and stages[-1] == "control hand_made: training", stages
    text = run("check", *LIMITED).stdout
    assert "fitted to the time limit of 12.0 s" in text and "memory" in text, text
    assert "forecast" not in json.loads(run("check", *SMALL, "--json", "--no-forecast").stdout)


def refused():
    for value, word in [("soon", "write it as 90s, 5m"), ("0", "length of time"), ("0.2s", "shortest run")]:
        done = run("search", *SMALL, "--time-limit", value, "--output", "never", "--quiet", code=2)
        assert word in done.stderr, done.stderr


def replayed(root):
    directory = root / "limited"
    run("search", *LIMITED, "--output", str(directory), "--quiet")
    result = json.loads((directory / "result.json").read_text())
    assert any("time limit" in d for d in result["decisions"]), result["decisions"]
    epochs = {arm["name"]: arm["epochs"] for arm in result["arms"]}
    assert len(set(epochs.values())) == 1, epochs  # trained alike
    decisions = (directory / "decisions.jsonl").read_text()
    assert "schedule" in decisions and "retraining" in decisions, decisions

    found = json.loads(run("verify", str(directory), "--json").stdout)
    assert found["equal"], found
    done = run("verify", str(directory), "--whole", "--quiet", "--output", str(root / "again"))
    assert "the repetition left the same" in done.stdout, done.stdout
    assert content(root / "again")["metrics"] == content(directory)["metrics"]
    assert (root / "again/decisions.jsonl").read_text() == decisions

    # A run that is killed decides no other way when it goes on: with the log of the first one it ends as that one.
    other = root / "killed"
    other.mkdir()
    (other / "configuration.yaml").write_bytes((directory / "configuration.yaml").read_bytes())
    (other / "decisions.jsonl").write_text(decisions)
    killed("search", [], other, 10, random.Random(3), kills=3)
    assert content(other) == content(directory)


def training(root):
    run("train", "--data", "planted:train=1500,test=200", "--space", "compact", "--time-limit", "4s", "--quiet", "--threads", "1", "--output",
        str(root / "trained"), "--architecture", str(root / "limited/architecture.json"),
        *[a for pair in zip(SMALL[::2], SMALL[1::2]) if "space." in pair[1] for a in pair])
    assert "seconds" in (root / "trained/decisions.jsonl").read_text()


def main():
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        forecast()
        refused()
        replayed(pathlib.Path(name))
        training(pathlib.Path(name))


main()
