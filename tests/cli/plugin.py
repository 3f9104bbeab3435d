"""Installs the package, builds the example plug-in and program against it, and uses them."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

NASMYTH = pathlib.Path(os.environ["NASMYTH"])
SOURCE = pathlib.Path(os.environ["NASMYTH_SOURCE_DIR"])
SEARCH = ["search", "--data", "planted:train=400,test=100", "--space", "compact", "--max", "params=8k",
          "--set", "space.layers=1", "--set", "space.widths=[8:12, 16]", "--set", "space.strides=[2, 2]",
          "--set", "retrain.epochs=1", "--set", "retrain.batch_size=32", "--no-controls", "--quiet"]


def run(*arguments, code=0):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    assert done.returncode == code, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done


def main():
    if not shutil.which("cmake"):
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        run("cmake", "--install", NASMYTH.parent, "--prefix", root / "installed")
        run("cmake", "-S", SOURCE / "examples/plugin", "-B", root / "build",
            f"-DCMAKE_PREFIX_PATH={root / 'installed'}", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"
            if shutil.which("ccache") else "-DCMAKE_BUILD_TYPE=Release")
        run("cmake", "--build", root / "build", "-j2")
        assert run(root / "build/count_macs").stdout == "params 3349342\nmacs 528359040\n"

        program, plugin = root / "installed/bin/nasmyth", root / "build/libexample.so"
        for kind, entry in [("operations", "double_depthwise"), ("strategies", "hill_climbing"), ("metrics", "worst_class")]:
            assert entry in run(program, "list", kind, "--plugin", plugin).stdout, kind
            assert entry not in run(program, "list", kind).stdout, kind
        done = run(program, *SEARCH, "--set", "search.strategy=hill_climbing", code=2)
        assert "unknown strategy 'hill_climbing'" in done.stderr, done.stderr
        done = run(program, "list", "--plugin", SOURCE / "README.md", code=2)
        assert "README.md" in done.stderr and done.stderr.count("\n") == 1, done.stderr
        assert "no file is given" in run(program, "list", "--plugin", code=2).stderr

        if (NASMYTH.parent / "libnasmyth_torch.so").exists():
            directory = root / "run"
            run(program, *SEARCH, "--plugin", plugin, "--set", "search.strategy=hill_climbing", "--objective",
                "worst_class", "--set", "search.candidates=3", "--set", "search.epochs=1", "--output", directory)
            result = json.loads((directory / "result.json").read_text())
            assert result["strategy"] == "hill_climbing" and result["arms"][0]["candidates"] == 3, result
            assert "test_worst_class" in result["arms"][0], result
            # A run knows its plug-ins.
            assert str(plugin) in (directory / "configuration.yaml").read_text()
            (directory / "result.json").unlink()
            run(program, "search", "--resume", directory, "--quiet")
            assert json.loads((directory / "result.json").read_text())["arms"] == result["arms"]


main()
