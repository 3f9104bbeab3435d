#!/usr/bin/env python3
"""Measures forecasts and time limits and writes docs/results/time.md.

Usage, from the root of the checkout, on a quiet machine: python3 scripts/measure_time.py
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = str(ROOT / "build/release/nasmyth")
RUNS = ROOT / "runs/measure-time"
SMALL = ["--set", "space.layers=2", "--set", "space.kernels=[3, 5]",
         "--set", "space.operations=[mbconv, depthwise_separable, skip]", "--max", "params=20k", "--max", "macs=1M"]
FORECAST = ["--data", "fashion-mnist", "--space", "compact", *SMALL, "--set", "search.epochs=2",
            "--set", "search.warmup_epochs=1", "--set", "derive.finalists=1", "--set", "retrain.epochs=4",
            "--set", "controls=[hand_made]"]
LIMITED = {
    "compact, Fashion-MNIST, no controls, 90 s":
        ["--data", "fashion-mnist", "--space", "compact", *SMALL, "--no-controls", "--time-limit", "90s"],
    "compact, Fashion-MNIST, both controls, 150 s":
        ["--data", "fashion-mnist", "--space", "compact", *SMALL, "--time-limit", "150s"],
    "compact, planted task, both controls, 40 s":
        ["--data", "planted:train=4000,test=500", "--space", "compact", *SMALL, "--time-limit", "40s"],
    "darts, planted task, hand-made control, 75 s":
        ["--data", "planted:train=2000,test=200", "--space", "darts", "--set", "space.search_channels=4",
         "--set", "space.search_layers=3", "--set", "space.channels=6", "--set", "space.layers=3",
         "--set", "search.strategy=darts", "--set", "search.batch_size=32", "--set", "controls=[hand_made]",
         "--set", "derive.candidates=1", "--set", "derive.finalists=1", "--time-limit", "75s"],
    "random search, planted task, no controls, 30 s":
        ["--data", "planted:train=4000,test=500", "--space", "compact", *SMALL, "--set", "search.strategy=random",
         "--set", "search.candidates=6", "--no-controls", "--time-limit", "30s"],
}


def nasmyth(*arguments):
    begun = time.monotonic()
    done = subprocess.run([PROGRAM, *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout, time.monotonic() - begun


def run(name, arguments):
    directory = RUNS / name
    shutil.rmtree(directory, ignore_errors=True)
    _, seconds = nasmyth("search", *arguments, "--quiet", "--output", str(directory))
    return json.loads((directory / "result.json").read_text()), seconds


def forecast(arguments):
    found = json.loads(nasmyth("check", *arguments, "--json")[0])["forecast"]
    return found["seconds"], found["memory_bytes"], {s["stage"]: s["seconds"] for s in found["stages"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--output", default="docs/results/time.md")
    options = parser.parse_args()
    lines = ["# Forecasts and time limits", "", "    python3 scripts/measure_time.py", "",
             "Two cores. *Error* is the forecast over the run's wall time, less one. *Drift* is the forecast made right after "
             "the run over the one before it, less one: how much the machine's own speed changed meanwhile.", "",
             "| seed | forecast, s | run, s | error | drift |", "|---|---|---|---|---|"]
    errors = []
    for seed in range(1, options.runs + 1):
        arguments = [*FORECAST, "--seed", str(seed)]
        before, memory, _ = forecast(arguments)
        _, seconds = run(f"forecast-{seed}", arguments)
        after, _, _ = forecast(arguments)
        errors.append(before / seconds - 1)
        lines.append(f"| {seed} | {before:.1f} | {seconds:.1f} | {errors[-1]:+.1%} | {after / before - 1:+.1%} |")
        print(lines[-1], flush=True)
    lines += ["", f"Median of the absolute errors: {statistics.median(map(abs, errors)):.1%}. Forecast of memory: "
              f"{memory / 1e6:.0f} MB.", "", "| configuration | limit, s | run, s | over the limit |", "|---|---|---|---|"]
    for index, (name, arguments) in enumerate(LIMITED.items()):
        limit = float(arguments[arguments.index("--time-limit") + 1].rstrip("s"))
        result, seconds = run(f"limit-{index + 1}", arguments)
        lines.append(f"| {name} | {limit:.0f} | {seconds:.1f} | {seconds / limit - 1:+.1%} |")
        print(lines[-1], [d for d in result["decisions"] if "schedule" in d], flush=True)
    (ROOT / options.output).write_text("\n".join(lines) + "\n")


main()
