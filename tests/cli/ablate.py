"""What `ablate` says of components whose worth is known; killed, stopped and repeated; with nonsense."""
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from kill_and_resume import NASMYTH, run
from planted_components import FOUND, SPACE, USELESS, VITAL, write_data

TINY = [
    "--data", "planted:train=300,test=50", "--space", "compact", "--set", "space.layers=2",
    "--set", "space.widths=[8:12]",
    "--set", "space.strides=[2]", "--set", "space.kernels=[3, 5]", "--set", "space.expansions=[2]", "--quiet",
    "--set", "retrain.epochs=2", "--set", "retrain.batch_size=32", "--set", "checkpoint_seconds=0.1", "--threads", "1",
]
TINY_FOUND = ("stage0/width=8;stage0/depth=2;stage0/layer0/operation=mbconv;stage0/layer0/kernel=3;"
              "stage0/layer1/operation=mbconv;stage0/layer1/kernel=3")


def planted(root):
    """The vital component is called vital, the useless one useless."""
    write_data(root / "pairs", 700, 60, seed=1)
    run("train", "--data", f"idx:{root}/pairs", *SPACE, "--architecture", FOUND, "--set", "retrain.epochs=9",
        "--output", str(root / "run"), "--quiet")
    only = f"{VITAL[0]}, {USELESS[0]}"
    done = run("ablate", str(root / "run"), "--margin", "0.04", "--severities", "1", "--only", only)
    assert "9 trainings of 9 epochs" in done.stderr, done.stderr
    result = json.loads((root / "run/ablation/ablation.json").read_text())
    words = {(c["choice"], c["instead"]): c["found_option_is"] for c in result["changes"]}
    assert words[VITAL] == "vital" and words[USELESS] == "useless", done.stdout
    assert f"vital: {VITAL[0]}=5" in done.stdout and "selection part" in done.stdout, done.stdout
    assert result["images"] == 175 and result["part"] == "selection", result
    change = next(c for c in result["changes"] if (c["choice"], c["instead"]) == USELESS)
    assert change["removes"] and change["costs"]["params"] < result["unchanged"]["costs"]["params"], change
    for name in ["noise", "blur", "contrast"]:
        assert len(change["corrupted"][name]["values"]) == 3, change


def content(directory):
    lines = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
    return ((directory / "ablation.json").read_bytes(),
            [{k: v for k, v in line.items() if "seconds" not in k} for line in lines])


def stopped(arguments, directory, seconds, generator, how):
    """Starts the same command again and again, and stops it; the last time it may end."""
    for _ in range(3):
        process = subprocess.Popen([NASMYTH, "ablate", *arguments, "--output", str(directory), "--quiet"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            process.wait(generator.uniform(0.2, 0.5) * seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(how)
        _, err = process.communicate(timeout=60)
        assert process.returncode in (0, -how, 130), (process.returncode, err)
        if process.returncode == 130:
            assert f"nasmyth ablate --resume {directory}" in err, err
    if how == signal.SIGINT and (directory / "configuration.yaml").exists():
        run("ablate", "--resume", str(directory), "--quiet")
    else:
        run("ablate", *arguments, "--output", str(directory), "--quiet")


def repeated(root):
    run("train", *TINY, "--architecture", TINY_FOUND, "--output", str(root / "tiny"))
    arguments = [str(root / "tiny"), "--limit", "2", "--severities", "3"]
    begun = time.monotonic()
    run("ablate", *arguments, "--quiet")
    seconds = time.monotonic() - begun
    expected = content(root / "tiny/ablation")
    for how, name in [(signal.SIGKILL, "killed"), (signal.SIGINT, "interrupted")]:
        stopped(arguments, root / name, seconds, random.Random(3), how)
        assert content(root / name) == expected, name
    # Once more: nothing is trained, and the result is shown.
    done = run("ablate", *arguments, "--json")
    assert json.loads(done.stdout) == json.loads(expected[0])
    assert content(root / "tiny/ablation") == expected


def planned(root):
    """--plan and --options all say what would be trained, and make nothing."""
    shutil.rmtree(root / "tiny/ablation")
    plan = json.loads(run("ablate", str(root / "tiny"), "--plan", "--options", "all", "--json").stdout)
    changes = [(c["choice"], c["instead"]) for c in plan["changes"]]
    assert len(changes) == len(set(changes)) > 8, changes
    assert ("stage0/layer1/operation", "skip") in changes, changes
    few = run("ablate", str(root / "tiny"), "--plan", "--only", "*/kernel").stdout
    assert "2 changes of 2 choices" in few and "stage0/width" not in few, few
    assert not (root / "tiny/ablation").exists()


def nonsense(root):
    def refused(*arguments, word):
        done = run("ablate", *arguments, code=2)
        assert word in done.stderr and done.stderr.count("\n") == 1, done.stderr

    tiny, directory = str(root / "tiny"), str(root / "killed")
    refused(tiny, "--limit", "3", "--output", directory, word="nothing is overwritten")
    refused("--resume", directory, "--seeds", "4", word="got --seeds, too")
    changed = root / "tiny/configuration.yaml"
    text = changed.read_text()
    changed.write_text(text.replace("learning_rate: 0.3", "learning_rate: 0.2"))
    assert changed.read_text() != text
    refused("--resume", directory, "--quiet", word="not what it was when the ablation began")
    changed.write_text(text)


def main():
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        planted(root)
        repeated(root)
        planned(root)
        nonsense(root)


main()
