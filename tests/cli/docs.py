"""Runs the `sh` examples of the user pages, each page in a directory of its own."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

NASMYTH = pathlib.Path(os.environ["NASMYTH"])
DOCS = pathlib.Path(os.environ["NASMYTH_SOURCE_DIR"]) / "docs"
ELSEWHERE = {"export.md"}  # tests/cli/export.py runs it


def main():
    if not (NASMYTH.parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    python = pathlib.Path(os.environ["PYTHON"]).parent
    environment = dict(os.environ, PATH=f"{NASMYTH.parent}:{python}:{os.environ['PATH']}")
    examples = 0
    for page in sorted(DOCS.glob("*.md")):
        if page.name in ELSEWHERE:
            continue
        with tempfile.TemporaryDirectory() as directory:
            for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.M | re.S):
                done = subprocess.run(["bash", "-euc", block], cwd=directory, env=environment, capture_output=True,
                                      text=True)
                assert done.returncode == 0, f"{page.name}:\n{block}\n{done.stdout}\n{done.stderr}"
                examples += 1
    assert examples > 0
    print(f"{examples} examples ran")


main()
