"""A DARTS search that is driven into collapse raises the alarm before its derived cell is dominated by skips.

The weights learn slowly and the architecture parameters fast, so that operations with weights are worth little and skips
win (the mechanism of RobustDARTS, arXiv 1909.09656). After every epoch the cell that would be derived is looked at.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

NASMYTH = os.environ["NASMYTH"]
SEARCH = [
    "search", "--space", "darts", "--data", "planted:train=1500,test=100", "--no-controls", "--quiet",
    "--set", "space.search_channels=4", "--set", "space.search_layers=3", "--set", "space.channels=4",
    "--set", "space.layers=3", "--set", "search.strategy=darts", "--set", "search.batch_size=32",
    "--set", "search.learning_rate=0.002", "--set", "search.minimum_learning_rate=0.002",
    "--set", "search.architecture_learning_rate=0.01", "--set", "search.architecture_weight_decay=0",
    "--set", "search.epochs=40", "--set", "derive.candidates=1", "--set", "derive.finalists=1",
    "--set", "retrain.epochs=1", "--set", "retrain.batch_size=32",
]
DOMINATED = 4  # skips among the eight edges of the normal cell: half of it


def derived_skips(directory):
    done = subprocess.run([NASMYTH, "derive", str(directory), "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    genotype = json.loads(done.stdout)["genotype"]
    normal = re.search(r"normal=\[(.*?)\]", genotype).group(1)
    return normal.count("skip_connect")


def metrics(directory):
    file = directory / "metrics.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [line for line in map(json.loads, lines) if line["phase"] == "search"]


def main():
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name) / "run"
        process = subprocess.Popen([NASMYTH, *SEARCH, "--output", str(directory)], stdout=subprocess.DEVNULL)
        alarm = dominated = None
        seen = 0
        while dominated is None and process.poll() is None:
            lines = metrics(directory)
            if len(lines) == seen:
                time.sleep(0.1)
                continue
            seen = len(lines)
            skips = derived_skips(directory)
            for line in lines:
                if alarm is None and any("likely collapse" in w for w in line.get("warnings", [])):
                    alarm = line["epoch"]
            print(f"epoch {seen}: {skips} of 8 edges derived are skips, skips lead {lines[-1]['skip_share']:.0%}", flush=True)
            if skips >= DOMINATED:
                dominated = seen
        process.terminate()
        process.wait()
        print(f"alarm after epoch {alarm}, dominated after epoch {dominated}")
        assert dominated is not None, "the search did not collapse"
        assert alarm is not None and alarm < dominated

        stopped = pathlib.Path(name) / "stopped"
        done = subprocess.run([NASMYTH, *SEARCH, "--early-stop", "collapse", "--output", str(stopped)], capture_output=True,
                              text=True)
        assert done.returncode == 0, done.stderr
        assert len(metrics(stopped)) == alarm and derived_skips(stopped) < DOMINATED


main()
