"""Kills a run at random moments, resumes it, and compares what it left with an uninterrupted run's."""
import json
import random
import signal
import subprocess
import time

from program import NASMYTH, run

# A run of seconds that goes through every stage.
SMALL = [
    "--data", "planted", "--space", "compact", "--max", "params=8k", "--max", "macs=400k",
    "--set", "space.layers=2", "--set", "space.widths=[8:12, 16:24]", "--set", "space.strides=[1, 2]",
    "--set", "search.epochs=2", "--set", "search.warmup_epochs=1", "--set", "derive.candidates=3",
    "--set", "derive.finalists=2", "--set", "derive.images=200", "--set", "retrain.epochs=2",
    "--set", "splits.search_validation=0.3", "--set", "random.candidates=2", "--set", "random.epochs=1",
    "--set", "checkpoint_seconds=0.3",
]
FILES = ["architecture.json", "weights.bin", "network.onnx", "network.json", "architecture_parameters.json"]


def without_times(value):
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items()
                if "seconds" not in k and k != "decision"}  # which tells of seconds
    return [without_times(v) for v in value] if isinstance(value, list) else value


def content(directory):
    found = {name: (directory / name).read_bytes() for name in FILES if (directory / name).exists()}
    found["metrics"] = [without_times(json.loads(line))
                        for line in (directory / "metrics.jsonl").read_text().splitlines()]
    found["result"] = without_times(json.loads((directory / "result.json").read_text()))
    return found


def uninterrupted(command, arguments, directory):
    begun = time.monotonic()
    run(command, *arguments, "--output", str(directory), "--quiet")
    return content(directory), time.monotonic() - begun


def killed(command, arguments, directory, seconds, generator, kills=1, how=signal.SIGKILL):
    """Starts a run, kills it `kills` times, and lets it end; the moments of the kills."""
    moments = []
    for _ in range(kills):
        resume = (directory / "configuration.yaml").exists()
        line = ["--resume", str(directory)] if resume else [*arguments, "--output", str(directory)]
        process = subprocess.Popen([NASMYTH, command, *line, "--quiet"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        moments.append(generator.uniform(0, seconds))
        try:
            process.wait(moments[-1])
        except subprocess.TimeoutExpired:
            process.send_signal(how)
        _, err = process.communicate(timeout=120)
        assert process.returncode in (0, -how, 130), (process.returncode, err)
        if not (directory / "configuration.yaml").exists() and directory.exists():
            for file in directory.iterdir():  # killed before there was a run
                file.unlink()
            directory.rmdir()
    if (directory / "configuration.yaml").exists():
        run(command, "--resume", str(directory), "--quiet")
    else:
        run(command, *arguments, "--output", str(directory), "--quiet")
    return moments
