"""docs/export.md as a user follows it: its commands run, its Python program runs their ONNX file."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

NASMYTH = os.environ["NASMYTH"]
PAGE = pathlib.Path(os.environ["NASMYTH_SOURCE_DIR"]) / "docs" / "export.md"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)


def run_commands(folder):
    for line in blocks("sh")[0].replace("\\\n", " ").splitlines():
        program, *arguments = shlex.split(line)
        assert program == "nasmyth", line
        done = subprocess.run([NASMYTH, *arguments], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        assert done.stdout == "", done.stdout


def check_metadata(folder):
    import openvino

    model = openvino.Core().read_model(folder / "network.onnx")
    written = {}
    for key in ["version", "preprocessing", "classes", "architecture"]:
        written[key] = model.get_rt_info(["framework", f"nasmyth.{key}"]).value
    assert written["architecture"] == "DARTS_V2", written
    preprocessing = json.loads(written["preprocessing"])
    assert list(preprocessing) == ["scale", "mean", "deviation", "in_model"], preprocessing
    assert preprocessing["in_model"] is True and len(preprocessing["mean"]) == 1, preprocessing
    assert abs(preprocessing["scale"] * 255 - 1) < 1e-12, preprocessing
    assert len(json.loads(written["classes"])) == 10, written
    version = subprocess.run([NASMYTH, "--version"], capture_output=True, text=True).stdout
    assert version.split() == ["nasmyth", written["version"]], version


def check_program(folder):
    program = blocks("python")[0]
    lines = [line for line in program.splitlines() if line and not line.startswith("import")]
    assert len(lines) <= 8, "the page promises a short program"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )
    labels = re.findall(r"'([^']+)'", done.stdout)
    assert len(labels) == 3, done.stdout


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run_commands(folder)
        assert (folder / "darts.dot").read_text().startswith("digraph")
        try:
            import openvino  # noqa: F401
        except ImportError:
            print("openvino is not installed: the ONNX file was written but not run")
            return 77
        check_metadata(folder)
        check_program(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
