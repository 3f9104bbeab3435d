"""A DARTS search that is driven into collapse raises the alarm before a derived cell is dominated by skips.

Two things drive it: the weights learn slowly, so that operations with weights are worth little (the mechanism of
RobustDARTS, arXiv 1909.09656), and the expected parameters are pulled below a tight limit. A prior holds skips back at the
beginning, so that the collapse is a development and not the draw of the first epoch. After every epoch the cells that would
be derived are looked at.
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
    "search", "--space", "darts", "--data", "planted:train=600,test=100", "--no-controls", "--quiet", "--threads", "1",
    "--set", "space.search_channels=4", "--set", "space.search_layers=3", "--set", "space.channels=4",
    "--set", "space.layers=3", "--set", "search.strategy=darts", "--set", "search.batch_size=16",
    "--set", "search.learning_rate=0.01", "--set", "search.minimum_learning_rate=0.01",
    "--set", "search.architecture_learning_rate=0.001", "--set", "search.penalty=1", "--set", "search.final_penalty=4",
    "--set", "choices.forbid.*=[max_pool_3x3, avg_pool_3x3]", "--set", "choices.prior.*/edge*.skip_connect=-0.36",
    "--max", "params=6k", "--set", "search.epochs=50", "--set", "derive.candidates=1", "--set", "derive.finalists=1",
    "--set", "retrain.epochs=1", "--set", "retrain.batch_size=32",
]
CELLS = ["normal", "reduce"]
SEEDS = [1, 2, 3]
DOMINATED = 5  # more than half of a cell's eight operations


def derived_skips(directory):
    done = subprocess.run([NASMYTH, "derive", str(directory), "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    genotype = json.loads(done.stdout)["genotype"]
    return {cell: re.search(cell + r"=\[(.*?)\]", genotype).group(1).count("skip_connect") for cell in CELLS}


def epochs(directory):
    file = directory / "metrics.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [line for line in map(json.loads, lines) if line["phase"] == "search"]


def note_alarms(alarm, lines):
    for line in lines:
        for warning in line.get("warnings", []):
            for cell in CELLS:
                if "likely collapse" in warning and f"'{cell}'" in warning:
                    alarm.setdefault(cell, line["epoch"])


def watch(seed, directory):
    """Epoch of the alarm, and of the first derived cell that is dominated, of each cell."""
    process = subprocess.Popen([NASMYTH, *SEARCH, "--seed", str(seed), "--output", str(directory)], stdout=subprocess.DEVNULL)
    alarm, dominated, seen = {}, {}, 0
    while not dominated and process.poll() is None:
        lines = epochs(directory)
        if len(lines) == seen:
            time.sleep(0.1)
            continue
        seen = len(lines)
        skips = derived_skips(directory)
        note_alarms(alarm, lines)
        print(f"epoch {seen}: derived skips {skips} of 8, skips lead {lines[-1]['skip_share']:.0%}, alarms {alarm}", flush=True)
        dominated = {cell: seen for cell in CELLS if skips[cell] >= DOMINATED}
    process.terminate()
    process.wait()
    return alarm, dominated


def main():
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        for seed in SEEDS:
            alarm, dominated = watch(seed, pathlib.Path(name) / f"run{seed}")
            print(f"seed {seed}: alarm after epoch {alarm}, dominated after epoch {dominated}", flush=True)
            assert dominated, "the search did not collapse"
            for cell, epoch in dominated.items():
                assert alarm.get(cell, epoch) < epoch, (alarm, dominated)
        stopped = pathlib.Path(name) / "stopped"
        done = subprocess.run([NASMYTH, *SEARCH, "--seed", str(seed), "--early-stop", "collapse", "--output",
                               str(stopped)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        skips = derived_skips(stopped)
        print(f"with --early-stop collapse: {len(epochs(stopped))} epochs, derived skips {skips}")
        assert len(epochs(stopped)) == min(alarm.values()) and max(skips.values()) < DOMINATED


main()
