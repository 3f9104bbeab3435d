"""Twenty short real searches under twenty different pairs of limits: each result is within them.

The spaces are `compact` and `darts` at small scale; the costs are counted again by `nasmyth count`.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

NASMYTH = os.environ["NASMYTH"]
SEARCHES = 20
DATA = ["--data", "planted:train=2000,test=200", "--no-controls", "--quiet", "--threads", "1", "--set", "search.epochs=2",
        "--set", "search.warmup_epochs=1", "--set", "derive.candidates=1", "--set", "derive.finalists=1", "--set", "search.batch_size=64", "--set", "retrain.epochs=1"]
SPACES = {
    "compact": (["space.layers=2", "space.widths=[8:12, 16:24]", "space.strides=[1, 2]"], []),
    "darts": (["space.search_channels=4", "space.search_layers=3", "space.channels=6", "space.layers=3"],
              ["--set", "search.strategy=darts", "--set", "search.batch_size=32"]),
}


def run(*arguments):
    done = subprocess.run([NASMYTH, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def settings(keys):
    return [word for key in keys for word in ("--set", key)]


def main():
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    stream = random.Random(1)
    within = 0
    for i in range(SEARCHES):
        name = "darts" if i % 4 == 3 else "compact"
        keys, extra = SPACES[name]
        check = json.loads(run("check", "--space", name, *settings(keys), "--data", "planted", "--json",
                               "--no-forecast"))
        limits = {}
        for resource in ["params", "macs"]:
            costs = check["resources"][resource]
            limits[resource] = int(costs["least"] + stream.uniform(0.1, 0.8) * (costs["typical"] - costs["least"]))
        maxima = [word for r, v in limits.items() for word in ("--max", f"{r}={v}")]
        with tempfile.TemporaryDirectory() as temporary:
            directory = pathlib.Path(temporary) / "run"
            run("search", "--space", name, *settings(keys), *DATA, *extra, *maxima, "--seed", str(i),
                "--output", str(directory))
            counted = json.loads(run("count", "--space", name, *settings(keys), "--architecture",
                                     str(directory / "architecture.json"), "--input", "1x28x28", "--json"))
        good = all(counted[r] <= v for r, v in limits.items())
        within += good
        print(f"{i + 1:2} {name:8} " + ", ".join(f"{r} {counted[r]} of {v}" for r, v in limits.items()),
              "" if good else "  ABOVE")
    print(f"{within} of {SEARCHES} within their limits")
    assert within == SEARCHES


main()
