#!/usr/bin/env python3
"""Measures the demonstration over seeds and writes docs/results/demo.md.

Resumable: a run whose result is complete is not repeated. Usage, from the root of the checkout:

    python3 scripts/measure_demo.py [--seeds 5] [--control-seeds 3] [--long] [--runs runs/measure-demo]
"""
import argparse
import concurrent.futures
import hashlib
import json
import math
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/release/nasmyth"
CONFIG = "examples/demo.yaml"
LONG_CONFIG = "examples/demo_long.yaml"


def fingerprint(config):
    """Changes with the configuration and with the program."""
    digest = hashlib.sha256((ROOT / config).read_bytes())
    for file in [PROGRAM, PROGRAM.parent / "libnasmyth.so", PROGRAM.parent / "libnasmyth_torch.so"]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def complete(directory, config, controls):
    file, stamp = directory / "result.json", directory / "fingerprint"
    if not file.exists() or not stamp.exists() or stamp.read_text() != fingerprint(config):
        return None
    result = json.loads(file.read_text())
    if result["data"] != "fashion-mnist":
        sys.exit("Fashion-MNIST is not installed: there is nothing to measure")
    names = {arm["name"] for arm in result["arms"]}
    return result if names >= {"search", *controls} else None


def run(directory, config, seed, controls, quiet=False):
    result = complete(directory, config, controls)
    if result:
        return result
    if directory.exists():
        shutil.rmtree(directory)
    command = [str(PROGRAM), "search", "--config", config, "--seed", str(seed), "--output", str(directory),
               "--set", "controls=[" + ", ".join(controls) + "]"]
    if quiet:
        command.append("--quiet")
    subprocess.run(command, cwd=ROOT, check=True)
    (directory / "fingerprint").write_text(fingerprint(config))
    result = complete(directory, config, controls)
    if not result:
        sys.exit(f"{directory}: the run lacks one of the controls {controls}")
    return result


def arm(result, name):
    return next(a for a in result["arms"] if a["name"] == name)


def mean_deviation(values, scale=1.0, digits=2):
    mean = scale * statistics.mean(values)
    if len(values) < 2:
        return f"{mean:.{digits}f}"
    return f"{mean:.{digits}f} ± {scale * statistics.stdev(values):.{digits}f}"


def welch(a, b):
    """Two-sided p-value; Student's density integrated numerically."""
    va, vb = statistics.variance(a) / len(a), statistics.variance(b) / len(b)
    if va + vb == 0:
        return 1.0 if statistics.mean(a) == statistics.mean(b) else 0.0
    t = abs(statistics.mean(a) - statistics.mean(b)) / math.sqrt(va + vb)
    n = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    norm = math.exp(math.lgamma((n + 1) / 2) - math.lgamma(n / 2)) / math.sqrt(n * math.pi)
    steps = 20000
    width = t / steps
    area = sum((1 + ((i + 0.5) * width) ** 2 / n) ** (-(n + 1) / 2) for i in range(steps)) * width
    return max(0.0, 1 - 2 * norm * area)


def verdict(a, b):
    if min(len(a), len(b)) < 2:
        return ""
    p = welch(a, b)
    word = "not distinguishable" if p >= 0.05 else "better" if statistics.mean(a) > statistics.mean(b) else "worse"
    return f"{word} (Welch, p = {p:.2g})"


def row(seed, result, name):
    a = arm(result, name)
    reference = next((x for x in result["arms"] if x["name"] == "hand_made"), None)
    seconds = a["search_seconds"] + a["retrain_seconds"]
    ratio = f"{seconds / reference['retrain_seconds']:.2f}" if reference else ""
    return (f"| {name} | {seed} | {100 * a['test_accuracy']:.2f} | {a['costs']['params']:.0f} | "
            f"{a['costs']['macs']:.0f} | {a['search_seconds']:.0f} | {a['retrain_seconds']:.0f} | {ratio} |")


def report(results, controls, long_result, jobs):
    search = [arm(r, "search")["test_accuracy"] for r in results.values()]
    lines = [
        "# The demonstration, measured", "",
        "Fashion-MNIST, at most 20,000 parameters and 1,000,000 multiply-accumulates; made by", "",
        "    python3 scripts/measure_demo.py " + " ".join(sys.argv[1:]), "",
        f"on {os.cpu_count()} cores ({platform.machine()}). Accuracy on the 10,000 test images, read once per "
        "network. Times in seconds; *ratio* is search and retraining over the hand-made network's training in the "
        "same run." + (f" {jobs} runs side by side." if jobs > 1 else ""), "",
        "| network | test accuracy, % | seeds | against it, the search is |", "|---|---|---|---|",
        f"| search | {mean_deviation(search, 100)} | {len(search)} | |"]
    for name in controls:
        values = [arm(r, name)["test_accuracy"] for r in results.values()
                  if any(a["name"] == name for a in r["arms"])]
        lines.append(f"| {name} | {mean_deviation(values, 100)} | {len(values)} | {verdict(search, values)} |")
    times = [arm(r, "search")["search_seconds"] + arm(r, "search")["retrain_seconds"] for r in results.values()]
    lines += ["", f"Search and retraining: {mean_deviation(times, 1, 0)} s.", ""]
    if long_result:
        a = arm(long_result, "search")
        lines += [f"A longer run (`{LONG_CONFIG}`, search {a['search_seconds']:.0f} s, retraining "
                  f"{a['retrain_seconds']:.0f} s): {100 * a['test_accuracy']:.2f} % with "
                  f"{a['costs']['params']:.0f} params and {a['costs']['macs']:.0f} MACs.", ""]
    lines += ["| network | seed | test accuracy, % | params | macs | search | retraining | ratio |",
              "|---|---|---|---|---|---|---|---|"]
    for seed, result in results.items():
        lines += [row(seed, result, a["name"]) for a in result["arms"]]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--control-seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1,
                        help="runs side by side; for accuracies, not for times")
    parser.add_argument("--long", action="store_true", help="the 30-minute run too")
    parser.add_argument("--runs", default="runs/measure-demo")
    parser.add_argument("--output", default="docs/results/demo.md")
    options = parser.parse_args()
    controls = ["random", "hand_made"]
    runs = ROOT / options.runs

    def measure(seed):
        mine = controls if seed <= options.control_seeds else []
        return run(runs / f"seed-{seed}", CONFIG, seed, mine, quiet=options.jobs > 1)

    seeds = range(1, options.seeds + 1)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        longer = pool.submit(run, runs / "long", LONG_CONFIG, 1, [], options.jobs > 1) if options.long else None
        results = dict(zip(seeds, pool.map(measure, seeds)))
        long_result = longer.result() if longer else None
    text = report(results, controls if options.control_seeds else [], long_result, options.jobs)
    output = ROOT / options.output
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_suffix(".tmp")
    temporary.write_text(text)
    temporary.replace(output)
    print(text)


if __name__ == "__main__":
    main()
