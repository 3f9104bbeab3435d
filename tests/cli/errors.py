"""Bad input: each case ends with exit code 2, one line that names the place, what was found and what to do, and leaves
all files as they were. The lines stand in errors.txt; `errors.py --update` writes them anew, to be read by a person.
"""
import ctypes
import gzip
import json
import os
import pathlib
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile

NASMYTH = os.environ["NASMYTH"]
EXPECTED = pathlib.Path(__file__).resolve().with_name("errors.txt")
FORM = re.compile(r"nasmyth: error: \[[^\]]+\]{1,2} .*; .+")
MASKED_NAMES = re.compile(r"\b(known|try one of): [^;\n]*")  # they grow
NOBODY = 65534
PR_CAPBSET_DROP = 24
CAPABILITIES = [1, 2, 3]  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
MAKES_FILES = {"disk full for a run", "disk full for an ablation"}  # but changes none
TINY = [
    "--data", "planted:train=200,test=50", "--space", "compact", "--no-controls", "--quiet", "--threads", "1",
    "--set", "space.layers=1", "--set", "space.widths=[8:12]", "--set", "space.strides=[2]",
    "--set", "space.kernels=[3]",
    "--set", "search.epochs=2", "--set", "search.warmup_epochs=1", "--set", "search.batch_size=8",
    "--set", "derive.candidates=1", "--set", "derive.finalists=1", "--set", "retrain.epochs=1",
]
PLANTED = ["--data", "planted:train=200,test=50"]
DARTS = ["count", "--space", "darts"]

# Name -> arguments; {root} is the scratch directory. What needs files is made by fixtures() below.
COMMANDS = {
    "command unknown": ["serch"],
    "prior without an option": ["check", *PLANTED, "--space", "compact", "--set", "choices.prior.*operation=1"],
    "command empty": [""],
    "command help unknown": ["help", "trian"],
    "command option unknown": ["--verison"],
    "command option single": ["-v"],
    "option unknown": ["search", "--dta", "planted"],
    "option unknown with value": ["count", "--spce=darts"],
    "option without value": ["search", "--seed"],
    "option max without value": ["search", "--max"],
    "option flag with value": ["list", "--json=maybe"],
    "option json with number": ["evaluate", "run", "--json=5"],
    "argument too many": ["list", "spaces", "operations"],
    "argument stray": ["search", "planted"],
    "argument subcommand unknown": ["data", "inspct", "planted"],
    "argument subcommand missing": ["data"],
    "argument subcommand option unknown": ["data", "inspect", "planted", "--jsn"],
    "argument data missing": ["data", "inspect"],
    "kind unknown": ["list", "spacs"],
    "kind of describe unknown": ["describe", "spase", "darts"],
    "kind of describe missing": ["describe"],
    "kind name missing": ["describe", "space"],
    "space unknown": [*DARTS[:2], "drats"],
    "space empty": [*DARTS[:2], ""],
    "space missing": ["count"],
    "space of search unknown": ["search", *PLANTED, "--space", "compct"],
    "space option unknown": [*DARTS, "--set", "layrs=3"],
    "space option low": [*DARTS, "--set", "layers=0"],
    "space option high": [*DARTS, "--set", "layers=1000000"],
    "space option no number": [*DARTS, "--set", "layers=many"],
    "space option empty": [*DARTS, "--set", "layers="],
    "space option fraction": [*DARTS, "--set", "layers=2.5"],
    "space option without value": [*DARTS, "--set", "layers"],
    "space option without key": [*DARTS, "--set", "=3"],
    "space option not finite": [*DARTS, "--set", "layers=nan"],
    "space option list": ["count", "--space", "compact", "--set", "widths=[8:12"],
    "space option widths": ["count", "--space", "compact", "--set", "widths=[12:8, 8, 8]"],
    "space option strides": ["count", "--space", "compact", "--set", "strides=[1]"],
    "space option even kernel": ["count", "--space", "compact", "--set", "kernels=[4]"],
    "operation unknown": ["describe", "operation", "sep_conv_3x"],
    "operation of a space unknown": ["count", "--space", "compact", "--set", "operations=[mbcov]"],
    "architecture unknown": [*DARTS, "--architecture", "DARTS_V3"],
    "architecture empty option": [*DARTS, "--architecture", "normal/edge0_2="],
    "architecture genotype": [*DARTS, "--architecture", "Genotype(normal=[('sep_conv_3x3', 1), ('none'"],
    "architecture choice unknown": [*DARTS, "--architecture", "normal/edge0_9=sep_conv_3x3"],
    "architecture json": [*DARTS, "--architecture", '{"normal/edge0_2": '],
    "architecture json list": [*DARTS, "--architecture", '{"normal/edge0_2": [1]}'],
    "architecture nasbench": ["count", "--space", "nasbench201", "--architecture", "|nor_conv_3x3~0|+|skip~0|"],
    "architecture incomplete": ["count", "--space", "nasbench201", "--architecture", "edge0_1=none"],
    "architecture missing": ["train", *PLANTED],
    "form unknown": [*DARTS, "--form", "trget"],
    "input of two sizes": [*DARTS, "--input", "3x32"],
    "input zero": [*DARTS, "--input", "0x32x32"],
    "input odd": [*DARTS, "--architecture", "DARTS_V2", "--input", "3x31x31"],
    "classes zero": [*DARTS, "--classes", "0"],
    "data unknown": ["search", "--data", "planed"],
    "data empty": ["search", "--data", ""],
    "data colon only": ["search", "--data", ":"],
    "data setting unknown": ["search", "--data", "planted:trian=300"],
    "data setting negative": ["search", "--data", "planted:train=-5"],
    "data setting without value": ["search", "--data", "planted:train"],
    "data setting memory": ["search", "--data", "planted:train=1000000,size=64"],
    "data idx without folder": ["data", "inspect", "idx"],
    "data cifar without path": ["data", "inspect", "cifar10"],
    "data folder without path": ["data", "inspect", "folder:"],
    "data absent": ["data", "inspect", "cifar10:{root}/absent"],
    "data idx absent": ["data", "inspect", "idx:{root}/absent"],
    "data folder absent": ["data", "inspect", "folder:{root}/absent"],
    "objective unknown": ["search", *PLANTED, "--objective", "acuracy"],
    "strategy unknown": ["search", *PLANTED, "--set", "search.strategy=drts"],
    "strategy empty": ["search", *PLANTED, "--set", "search.strategy="],
    "strategy random without end": ["search", *PLANTED, "--set", "search.strategy=random"],
    "relaxation unknown": ["search", *PLANTED, "--set", "search.relaxation=sofmax"],
    "discretizer unknown": ["search", *PLANTED, "--set", "search.discretizer=argmx"],
    "recipe unknown": ["search", *PLANTED, "--set", "retrain.recipe=compct"],
    "recipe schedule unknown": ["search", *PLANTED, "--set", "retrain.schedule=cosin"],
    "exporter unknown": ["export", "--space", "compact", "--format", "onx"],
    "exporter option unknown": ["export", "--space", "compact", "--format", "onnx", "--with", "opst=17"],
    "exporter to terminal": ["export", "--space", "compact", "--format", "onnx"],
    "exporter open network": ["export", "--space", "compact", "--format", "onnx", "--output", "{root}/out.onnx"],
    "exporter seed negative": ["export", "--space", "compact", "--seed", "-3"],
    "executor unknown": ["search", *PLANTED, "--executor", "refrence"],
    "device unknown": ["search", *PLANTED, "--device", "gpu", "--output", "{root}/device"],
    "early stop unknown": ["search", *PLANTED, "--early-stop", "colapse"],
    "control unknown": ["search", *PLANTED, "--set", "controls=[randm]"],
    "metric unknown": ["describe", "metric", "f1"],
    "resource unknown": ["search", *PLANTED, "--max", "parms=20k"],
    "resource unit unknown": ["search", *PLANTED, "--max", "params=20q"],
    "resource unit twice": ["search", *PLANTED, "--max", "params=20kk"],
    "resource unit binary": ["search", *PLANTED, "--max", "params=20Ki"],
    "resource negative": ["search", *PLANTED, "--max", "params=-5"],
    "resource zero": ["search", *PLANTED, "--max", "params=0"],
    "resource empty": ["search", *PLANTED, "--max", "params="],
    "resource not finite": ["search", *PLANTED, "--max", "params=nan"],
    "resource infinite": ["search", *PLANTED, "--max", "params=inf"],
    "resource too large": ["search", *PLANTED, "--max", "params=1e999"],
    "resource without number": ["search", *PLANTED, "--max", "params"],
    "resource without name": ["search", *PLANTED, "--max", "=20k"],
    "resource with colon": ["search", *PLANTED, "--max", "params:20k"],
    "resource with at most": ["search", *PLANTED, "--max", "params<=20k"],
    "resource impossible": ["search", *PLANTED, "--max", "params=10", "--output", "{root}/never"],
    "resource of derive": ["derive", "{root}/run", "--max", "parms=20k"],
    "seed negative": ["search", *PLANTED, "--seed", "-1"],
    "seed fraction": ["search", *PLANTED, "--seed", "1.5"],
    "seed word": ["search", *PLANTED, "--seed", "one"],
    "seed empty": ["search", *PLANTED, "--seed", ""],
    "seed too large": ["search", *PLANTED, "--seed", "99999999999999999999"],
    "threads negative": ["search", *PLANTED, "--threads", "-1"],
    "threads too many": ["search", *PLANTED, "--threads", "100000"],
    "threads word": ["search", *PLANTED, "--threads", "two"],
    "key unknown": ["search", *PLANTED, "--set", "serch.epochs=2"],
    "key of a section unknown": ["search", *PLANTED, "--set", "search.epoch=2"],
    "key is a section": ["search", *PLANTED, "--set", "search=darts"],
    "key with spaces": ["search", *PLANTED, "--set", "search epochs=2"],
    "value zero": ["search", *PLANTED, "--set", "retrain.epochs=0"],
    "value negative": ["search", *PLANTED, "--set", "retrain.learning_rate=-1"],
    "value huge": ["search", *PLANTED, "--set", "search.epochs=1e99"],
    "value no boolean": ["search", *PLANTED, "--set", "retrain.flip=perhaps"],
    "value splits": ["search", *PLANTED, "--set", "splits.selection=0.9"],
    "value finalists": ["search", *PLANTED, "--set", "derive.finalists=33"],
    "value warm-up": ["search", *PLANTED, "--set", "search.epochs=2"],
    "value nesterov": ["search", *PLANTED, "--set", "retrain.momentum=0"],
    "binary option": ["count", "--space", b"\xff\x01\n"],
    "binary command": [b"\x1b[2J\n"],
    "long command": ["a" * 100000],
    "long space": ["count", "--space", "b" * 100000],
    "long key": ["search", "--set", "k" * 100000 + "=1"],
    "long path": ["search", "--config", "{root}/" + "p" * 5000],
    "run missing": ["evaluate"],
    "run absent": ["evaluate", "{root}/absent"],
    "run is a file": ["derive", "{root}/file"],
    "run without configuration": ["derive", "{root}/empty"],
    "run of verify missing": ["verify"],
    "part unknown": ["evaluate", "{root}/run", "--part", "tst"],
    "picture missing": ["predict", "{root}/run"],
    "ablate run missing": ["ablate"],
    "ablate run absent": ["ablate", "{root}/absent"],
    "ablate seeds low": ["ablate", "{root}/run", "--seeds", "2"],
    "ablate seeds word": ["ablate", "{root}/run", "--seeds", "three"],
    "ablate options unknown": ["ablate", "{root}/run", "--options", "nxt"],
    "ablate part unknown": ["ablate", "{root}/run", "--part", "train"],
    "ablate severity": ["ablate", "{root}/run", "--severities", "1,6"],
    "ablate choice unknown": ["ablate", "{root}/run", "--only", "stage0/widht"],
    "ablate margin": ["ablate", "{root}/run", "--margin", "0"],
    "ablate empty value": ["ablate", "{root}/run", "--seeds", ""],
    "ablate option unknown": ["ablate", "{root}/run", "--sead", "3"],
    "ablate resume a search": ["ablate", "--resume", "{root}/run"],
    "ablate resume with more": ["ablate", "--resume", "{root}/run", "--seeds", "4"],
    "ablate into a run": ["ablate", "{root}/run", "--output", "{root}/run"],
    "ablate into a full directory": ["ablate", "{root}/run", "--output", "{root}/full"],
    "ablate device": ["ablate", "{root}/run", "--device", "gpu"],
    "resume absent": ["search", "--resume", "{root}/absent"],
    "resume with more": ["search", "--resume", "{root}/run", "--max", "params=9k"],
    "resume with another command": ["train", "--resume", "{root}/run", "--architecture", "x"],
    "output exists": ["search", *TINY, "--output", "{root}/full"],
    "output is a file": ["search", *TINY, "--output", "{root}/file"],
    "output below a file": ["search", *TINY, "--output", "{root}/file/run"],
    "output empty": ["search", *TINY, "--output", ""],
    "export into absent folder": ["export", "--space", "compact", "--output", "{root}/absent/out.json"],
    "export to a folder": ["export", "--space", "compact", "--output", "{root}/full"],
    "derive to absent folder": ["derive", "{root}/run", "--output", "{root}/absent/a.json"],
    "weights absent": ["export", "--run", "{root}/absent", "--output", "{root}/out.onnx"],
}

# Configuration files: name -> bytes.
CONFIGURATIONS = {
    "config unclosed": b"data: planted\nspace: {name: compact\n",
    "config tab": b"data: planted\nspace:\n\tname: compact\n",
    "config key unknown": b"data: planted\nsearch:\n  epochs: 2\n  epocs: 3\n",
    "config section unknown": b"data: planted\nserach:\n  epochs: 2\n",
    "config key twice": b"data: planted\ndata: idx\n",
    "config list": b"- data\n- planted\n",
    "config word": b"planted\n",
    "config two documents": b"data: planted\n---\nseed: 2\n",
    "config comma": b",data: planted\n",
    "config nested list": b"data: planted\ncontrols: [[random]]\n",
    "config value out of range": b"data: planted\nsearch:\n  epochs: -3\n",
    "config value of another type": b"data: planted\nseed: [1, 2]\n",
    "config section as value": b"data: planted\nsearch: darts\n",
    "config space as value": b"data: planted\nspace: compact\n",
    "config resource unknown": b"data: planted\nlimits: {parms: 20k}\n",
    "config binary": bytes(range(256)),
    "config deep": b"{a: " * 3000,
    "config anchor": b"data: *planted\n",
}


def idx(kind, dimensions, data):
    return bytes([0, 0, 8, kind]) + b"".join(struct.pack(">I", d) for d in dimensions) + bytes(data)


def idx_files(count=20, labels=None):
    images = idx(3, [count, 4, 4], [i % 251 for i in range(count * 16)])
    named = idx(1, [count], labels or [i % 10 for i in range(count)])
    return {"train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": named,
            "t10k-images-idx3-ubyte": images, "t10k-labels-idx1-ubyte": named}


def write_files(folder, files):
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def damaged_idx(root):
    """Folders of IDX files, each with one fault -> cases."""
    whole = idx_files()
    images, labels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
    faults = {
        "idx fewer labels": {labels: idx(1, [19], [0] * 19)},
        "idx truncated images": {images: whole[images][:100]},
        "idx truncated header": {images: whole[images][:7]},
        "idx bytes too many": {images: whole[images] + b"x"},
        "idx swapped": {images: whole[labels], labels: whole[images]},
        "idx of floats": {images: b"\0\0\x0d\3" + whole[images][4:]},
        "idx no magic": {images: b"PK\3\4" + whole[images][4:]},
        "idx empty file": {labels: b""},
        "idx huge promise": {images: idx(3, [2**31 - 1, 2**31 - 1, 2**31 - 1], [])},
        "idx other size of test": {"t10k-images-idx3-ubyte": idx(3, [20, 5, 5], [0] * 500)},
        "idx missing file": {"t10k-labels-idx1-ubyte": None},
        "idx gzip cut": {labels: gzip.compress(whole[labels], mtime=0)[:20]},
    }
    cases = {}
    for name, changed in faults.items():
        files = {k: v for k, v in (whole | changed).items() if v is not None}
        write_files(root / name, files)
        cases[name] = ["data", "inspect", f"idx:{root / name}"]
    write_files(root / "label without class", idx_files(labels=[12] * 20))
    cases["idx label without class"] = ["data", "inspect", f"fashion-mnist:{root}/label without class"]
    return cases


def damaged_cifar(root):
    record = bytes([3]) + bytes(3072)
    files = {f"data_batch_{i}.bin": record * 4 for i in range(1, 6)} | {"test_batch.bin": record * 4}
    faults = {
        "cifar cut": {"data_batch_3.bin": (record * 4)[:-100]},
        "cifar label": {"data_batch_2.bin": record * 3 + bytes([10]) + bytes(3072)},
        "cifar empty": {"test_batch.bin": b""},
        "cifar missing batch": {"data_batch_5.bin": None},
    }
    cases = {}
    for name, changed in faults.items():
        write_files(root / name, {k: v for k, v in (files | changed).items() if v is not None})
        cases[name] = ["data", "inspect", f"cifar10:{root / name}"]
    (root / "cifar.tar.gz").write_bytes(gzip.compress(b"no archive" * 100, mtime=0))
    cases["cifar archive"] = ["data", "inspect", f"cifar10:{root}/cifar.tar.gz"]
    return cases


def damaged_folders(root):
    (root / "pictures none/cat").mkdir(parents=True)
    write_files(root / "pictures unreadable", {"cat/1.png": b"no picture", "dog/1.jpg": b"\xff\xd8\xff\xe0 cut"})
    return {
        "folder without pictures": ["data", "inspect", f"folder:{root}/pictures none"],
        "folder of unreadable pictures": ["data", "inspect", f"folder:{root}/pictures unreadable"],
        "folder setting unknown": ["data", "inspect", f"folder:{root}/pictures none,heigth=3"],
        "folder is a file": ["data", "inspect", f"folder:{root}/file"],
    }


def damaged_runs(root):
    """Copies of a finished run, each with one fault -> cases."""
    def text(name):
        return (root / "run" / name).read_bytes()

    weights = text("weights.bin")
    flipped = bytearray(weights)
    flipped[len(flipped) // 2] ^= 1
    other = json.dumps({"normal/edge0_2": "sep_conv_3x3"}).encode()
    faults = {
        "run configuration cut": ("derive", "configuration.yaml", text("configuration.yaml") + b"  x: ["),
        "run configuration of another version": ("derive", "configuration.yaml",
                                                 text("configuration.yaml") + b"telepathy: 1\n"),
        "run configuration binary": ("derive", "configuration.yaml", bytes(range(256))),
        "run configuration changed": ("search --resume", "configuration.yaml",
                                      text("configuration.yaml").replace(b"seed: 1", b"seed: 2")),
        "run architecture cut": ("derive", "architecture.json", b'{"stage0/width": '),
        "run architecture of another space": ("derive", "architecture.json", other),
        "run weights cut": ("evaluate", "weights.bin", weights[:-50]),
        "run weights damaged": ("evaluate", "weights.bin", bytes(flipped)),
        "run weights empty": ("evaluate", "weights.bin", b""),
        "run network cut": ("evaluate", "network.json", text("network.json")[:200]),
        "run network of another kind": ("evaluate", "network.json", b'{"nodes": 5}'),
        "run network empty": ("evaluate", "network.json", b"{}"),
        "run network deep": ("evaluate", "network.json", b"[" * 5000),
        "run without network": ("evaluate", "network.json", None),
        "run data contradictory": ("predict", "data.json", b'{"channels": 7, "height": 1, "width": 1, "mean": [], '
                                                           b'"deviation": [], "classes": []}'),
        "run checkpoint damaged": ("search --resume", "checkpoint", b"nonsense"),
        "run first steps cut": ("verify", "first_steps.json", b"{"),
        "run first steps missing": ("verify", "first_steps.json", None),
        "run logits of another space": ("derive --max params=5k", "architecture_parameters.json", b"{}"),
        "run result cut": ("ablate", "result.json", b"{"),
        "run without architecture": ("ablate", "architecture.json", None),
        "run architecture of another space ablated": ("ablate", "architecture.json", other),
    }
    cases = {}
    for name, (command, file, data) in faults.items():
        directory = root / name
        shutil.copytree(root / "run", directory)
        for previous in directory.glob("checkpoint.previous"):
            previous.unlink()
        (directory / file).unlink()
        if data is not None:
            (directory / file).write_bytes(data)
        words = command.split()
        tail = [str(root / "file")] if command == "predict" else ["--quiet"] if "--resume" in command else []
        place = 2 if "--resume" in words else 1
        cases[name] = words[:place] + [str(directory)] + words[place:] + tail
    return cases


def fixtures(root):
    done = subprocess.run([NASMYTH, "search", *TINY, "--output", str(root / "run")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (root / "file").write_text("a file\n")
    (root / "empty").mkdir()
    write_files(root / "full", {"notes.txt": b"mine\n"})
    cases = {name: [a if isinstance(a, bytes) else a.replace("{root}", str(root)) for a in arguments]
             for name, arguments in COMMANDS.items()}
    for name, text in CONFIGURATIONS.items():
        (root / f"{name}.yaml").write_bytes(text)
        cases[name] = ["search", "--config", f"{root}/{name}.yaml"]
    cases["config absent"] = ["search", "--config", f"{root}/absent.yaml"]
    cases["config is a folder"] = ["search", "--config", str(root / "full")]
    (root / "garbage.bin").write_bytes(bytes(range(256)) * 4)
    cases["weights garbage"] = ["export", "--space", "nasbench201", "--set", "cells=1", "--architecture",
                                "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|", "--format", "onnx",
                                "--weights", f"{root}/garbage.bin", "--output", f"{root}/out.onnx"]
    cases["architecture file of garbage"] = [*DARTS, "--architecture", f"{root}/garbage.bin"]
    (root / "train other.json").write_text('{"stage9/width": "8"}')
    cases["train architecture of another space"] = ["train", *TINY[:4], "--quiet", "--threads", "1", "--architecture",
                                                    f"{root}/train other.json", "--output", f"{root}/never"]
    return cases | damaged_idx(root) | damaged_cifar(root) | damaged_folders(root) | damaged_runs(root)


def forbidden(root):
    """Places where an ordinary user may not write or read -> cases."""
    write_files(root / "locked", {"a.json": b"{}\n"})
    (root / "locked/a.json").chmod(0o400)
    (root / "locked").chmod(0o555)
    (root / "secret.yaml").write_text("data: planted\n")
    (root / "secret.yaml").chmod(0)
    write_files(root / "secret pictures", {"cat/1.png": b"x"})
    (root / "secret pictures/cat").chmod(0)
    shutil.copytree(root / "run", root / "locked run")
    (root / "locked run/lock").unlink(missing_ok=True)
    (root / "locked run").chmod(0o555)
    return {
        "permission to make a run": ["search", *TINY, "--output", f"{root}/locked/run"],
        "permission to write": ["export", "--space", "compact", "--output", f"{root}/locked/b.json"],
        "permission to replace": ["derive", f"{root}/run", "--output", f"{root}/locked/a.json"],
        "permission to read a configuration": ["search", "--config", f"{root}/secret.yaml"],
        "permission to read pictures": ["data", "inspect", f"folder:{root}/secret pictures"],
        "permission to go on": ["search", "--resume", f"{root}/locked run", "--quiet"],
        "permission to ablate": ["ablate", f"{root}/locked run", "--quiet"],
    }


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def give_up_rights():
    """Root without its rights over files, for a checkout that nobody else may read."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in CAPABILITIES:
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def can_run(before):
    try:
        done = subprocess.run([NASMYTH, "--version"], capture_output=True, preexec_fn=before)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def ordinary_users():
    """How a process can be started to which something is forbidden, as it is not to root; the first one is to be taken."""
    return [before for before in ([become_nobody, give_up_rights] if os.getuid() == 0 else [None]) if can_run(before)]


def bytes_of(path):
    try:
        return path.read_bytes()
    except PermissionError:
        return "unreadable"


def snapshot(root):
    return {str(path): bytes_of(path) if path.is_file() else None
            for path in sorted(root.rglob("*")) if path.name != "lock"}


class Cases:
    def __init__(self, root):
        self.root = root
        self.lines = {}
        self.problems = []
        self.left_out = []

    def run(self, cases, before=None):
        kept = snapshot(self.root)
        for name, arguments in cases.items():
            self.one(name, arguments, before)
            now = snapshot(self.root)
            if name in MAKES_FILES:
                now = {path: data for path, data in now.items() if path in kept}
            if now != kept:
                changed = {path for path in now.keys() | kept.keys() if now.get(path, 0) != kept.get(path, 0)}
                self.problems.append(f"{name}: changed {sorted(changed)}")
            kept = snapshot(self.root)

    def one(self, name, arguments, before):
        done = subprocess.run([NASMYTH, *arguments], capture_output=True, cwd=self.root / "empty", preexec_fn=before,
                              timeout=60)
        try:
            err = done.stderr.decode()
        except UnicodeDecodeError:
            err = ""
            self.problems.append(f"{name}: the message is no UTF-8")
        err = MASKED_NAMES.sub(r"\1: <names>", re.sub(r"configuration\.yaml:\d+", "configuration.yaml:<line>", err))
        line = re.sub(r"(.)\1{50,}", r"<\1...>", err.replace(str(self.root), "<root>").rstrip("\n"))
        self.lines[name] = line
        if done.returncode != 2:
            self.problems.append(f"{name}: exit code {done.returncode} instead of 2: {line}")
        if err.count("\n") != 1 or not err.endswith("\n"):
            self.problems.append(f"{name}: {err.count(chr(10))} lines instead of one: {line}")
        if done.stdout:
            self.problems.append(f"{name}: something on standard output")
        if not FORM.fullmatch(line) or any(ord(c) < 32 for c in line) or len(line) > 4000:
            self.problems.append(f"{name}: no place, fault and remedy on one line: {line}")

    def compare(self):
        expected = dict(line.split(": ", 1) for line in EXPECTED.read_text().splitlines() if line)
        for name in sorted((set(expected) | set(self.lines)) - set(self.left_out)):
            if name not in self.lines:
                self.problems.append(f"{name}: in {EXPECTED.name}, but no case")
            elif expected.get(name) != self.lines[name]:
                self.problems.append(f"{name}:\n  expected {expected.get(name)}\n  found    {self.lines[name]}")


def main():
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary).resolve() / "root"
        root.mkdir()
        cases = Cases(root)
        cases.run(fixtures(root))
        cases.run({"disk full for a file": ["export", "--space", "compact", "--output", f"{root}/out.json"],
                   "disk full for a run": ["search", *TINY, "--output", f"{root}/disk"],
                   "disk full for an ablation": ["ablate", f"{root}/run", "--output", f"{root}/disk2", "--quiet"],
                   }, small_files)
        root.parent.chmod(0o755)
        users = ordinary_users()
        if users:
            cases.run(forbidden(root), users[0])
        else:
            cases.left_out = list(forbidden(root))
            print("no ordinary user can run the program here: left out " + ", ".join(cases.left_out))
        if "--update" in sys.argv:
            EXPECTED.write_text("".join(f"{name}: {line}\n" for name, line in cases.lines.items()))
        else:
            cases.compare()
        print("\n".join(cases.problems))
        print(f"{len(cases.lines)} cases, {len(cases.problems)} problems")
        sys.exit(1 if cases.problems else 0)


main()
