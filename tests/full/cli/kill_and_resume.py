"""Twenty runs, each killed at random moments of search, derivation, retraining and controls: the same bytes."""
import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "support"))
from kill_and_resume import NASMYTH, SMALL, content, killed, uninterrupted

RUNS = 20

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
