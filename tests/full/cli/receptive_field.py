"""Planted tasks: a kernel that is large enough is found where the label needs one, identity where it does not.

The task `reach` can be told by a 5x5 kernel before a global pool and by nothing below it; `brightness` by the identity.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

NASMYTH = os.environ["NASMYTH"]
SPACE = pathlib.Path(os.environ["NASMYTH_SOURCE_DIR"]) / "examples/spaces/receptive_field.yaml"
SEEDS = 10
COMMON = ["--space", str(SPACE), "--no-controls", "--quiet", "--threads", "1", "--set", "search.penalty=0",
          "--set", "search.final_penalty=0", "--set", "derive.candidates=1", "--set", "derive.finalists=1",
          "--set", "retrain.epochs=3", "--set", "search.epochs=8", "--set", "search.warmup_epochs=2"]


def search(directory, seed, *arguments):
    done = subprocess.run([NASMYTH, "search", *COMMON, "--seed", str(seed), "--output", str(directory), *arguments],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads((directory / "result.json").read_text())
    return json.loads((directory / "architecture.json").read_text())["layer"], result["arms"][0]["test_accuracy"]


def found(root, name, *arguments):
    layers = []
    for seed in range(1, SEEDS + 1):
        layer, accuracy = search(root / f"{name}-{seed}", seed, *arguments)
        layers.append(layer)
        print(f"{name}, seed {seed}: {layer}, test accuracy {accuracy:.2%}", flush=True)
    return layers


def main():
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        layers = found(root, "reach", "--data", "planted:task=reach,reach=5,train=6000,test=500,noise=20")
        large = sum(layer in ("conv_5x5", "conv_7x7") for layer in layers)
        count = json.loads(subprocess.run([NASMYTH, "count", "--space", str(SPACE), "--architecture", "layer=identity", "--input",
                                           "1x28x28", "--classes", "2", "--json"], capture_output=True, text=True).stdout)
        tight = found(root, "brightness", "--data", "planted:task=brightness,train=3000,test=300",
                      "--max", f"macs={count['macs']:.0f}", "--set", "search.penalty=2", "--set", "search.final_penalty=2")
        identity = tight.count("identity")
        print(f"a large enough kernel in {large} of {SEEDS}, identity in {identity} of {SEEDS}")
        assert large >= 9 and identity == SEEDS


main()
