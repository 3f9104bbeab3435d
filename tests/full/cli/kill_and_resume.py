"""Twenty runs, each killed at random moments of search, derivation, retraining and controls: the same bytes."""
import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "support"))
from kill_and_resume import NASMYTH, content, killed, uninterrupted

RUNS = 20
SMALL = [
    "--data", "planted", "--space", "compact", "--max", "params=8k", "--max", "macs=400k",
    "--set", "space.layers=2", "--set", "space.widths=[8:12, 16:24]", "--set", "space.strides=[1, 2]",
    "--set", "search.epochs=2", "--set", "search.warmup_epochs=1", "--set", "derive.candidates=3",
    "--set", "derive.finalists=2", "--set", "derive.images=200", "--set", "retrain.epochs=2",
    "--set", "splits.search_validation=0.3", "--set", "random.candidates=2", "--set", "random.epochs=1",
    "--set", "checkpoint_seconds=0.3",
]


def main():
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        expected, seconds = uninterrupted("search", SMALL, root / "whole")
        for i in range(RUNS):
            moments = killed("search", SMALL, root / str(i), seconds, random.Random(i))
            assert content(root / str(i)) == expected, f"killed after {moments} of {seconds} s"
            print(f"killed after {moments[0]:.2f} s of {seconds:.2f} s: the same bytes", flush=True)


main()
