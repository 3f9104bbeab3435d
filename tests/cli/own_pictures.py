"""A folder of CIFAR-10 test images as PNG files, with planted faults: inspected, searched, predicted."""
import gzip
import json
import os
import pathlib
import random
import struct
import sys
import tempfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from program import NASMYTH, run

SOURCE = pathlib.Path(os.environ["NASMYTH_SOURCE_DIR"])
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
SMALL = [
    "--space", "compact", "--max", "params=8k", "--max", "macs=400k", "--objective", "macro_f1", "--no-controls",
    "--set", "space.layers=2", "--set", "space.widths=[8:12, 16:24]", "--set", "space.strides=[1, 2]",
    "--set", "search.epochs=2", "--set", "search.warmup_epochs=1", "--set", "derive.candidates=3",
    "--set", "derive.finalists=1", "--set", "retrain.epochs=2", "--set", "search.class_weights=balanced",
    "--set", "retrain.class_weights=balanced", "--set", "search.batch_size=32", "--set", "retrain.batch_size=32",
]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, channels, rows):
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 0, 0, 0, 0)
    scan = b"".join(b"\0" + row for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(scan)) +
            chunk(b"IEND", b""))


def colour(planes, size=32):
    red, green, blue = planes[:1024], planes[1024:2048], planes[2048:]
    rows = [bytes(v for x in range(32) for v in (red[32 * y + x], green[32 * y + x], blue[32 * y + x]))
            for y in range(32)]
    if size != 32:  # nearest neighbours
        pick = [i * 32 // size for i in range(size)]
        rows = [b"".join(rows[y][3 * x:3 * x + 3] for x in pick) for y in pick]
    return png(size, size, 3, rows)


def grey(planes):
    return png(32, 32, 1, [planes[1024 + 32 * y:1056 + 32 * y] for y in range(32)])


def write_folder(root, records):
    """Ships are ten times as frequent as trucks; 20 grey pictures, 20 of another size, two unreadable."""
    kept = {name: 100 for name in CLASSES} | {"truck": 10}
    count = dict.fromkeys(CLASSES, 0)
    for label, planes in records:
        name = CLASSES[label]
        if count[name] == kept[name]:
            continue
        number = count[name] = count[name] + 1
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        data = grey(planes) if name == "frog" and number <= 20 else \
            colour(planes, 48) if name == "bird" and number <= 20 else colour(planes)
        (folder / f"{number:03}.png").write_bytes(data)
    (root / "zebra").mkdir()
    (root / "cat/broken.png").write_bytes(b"no picture at all")
    whole = (root / "dog/001.png").read_bytes()
    (root / "dog/short.png").write_bytes(whole[:len(whole) // 2])
    (root / "dog/notes.txt").write_text("not a picture")


def inspected(folder):
    found = json.loads(run("data", "inspect", f"folder:{folder}", "--json").stdout)
    assert (found["channels"], found["height"], found["width"]) == (3, 32, 32), found
    assert [c["name"] for c in found["classes"]] == CLASSES, found["classes"]
    assert [c["train"] + c["test"] for c in found["classes"]] == [100] * 9 + [10]
    assert found["imbalance"] == 10
    faults = "\n".join(found["faults"])
    for word in ["cat/broken.png", "neither a PNG nor a JPEG", "dog/short.png", "damaged PNG", "'zebra'"]:
        assert word in faults, faults
    remarks = "\n".join(found["remarks"])
    assert "20 pictures of other sizes" in remarks and "20 grey pictures" in remarks, remarks
    text = run("data", "inspect", f"folder:{folder}").stdout
    assert "10 times" in text and "class_weights=balanced" in text and "left out" in text, text


def searched(folder, directory):
    done = run("search", "--data", f"folder:{folder}", *SMALL, "--output", str(directory))
    for word in ["broken.png", "short.png", "zebra", "20 grey pictures"]:
        assert word in done.stderr, done.stderr
    result = json.loads((directory / "result.json").read_text())
    assert result["objective"] == "macro_f1" and any("broken.png" in d for d in result["decisions"]), result
    arm = result["arms"][0]
    assert 0 < arm["test_macro_f1"] < 1 and 0.5 < arm["test_auc"] <= 1, arm
    evaluated = json.loads(run("evaluate", str(directory), "--json").stdout)
    for name in ["accuracy", "balanced_accuracy", "macro_f1", "auc"]:
        assert abs(evaluated[name] - arm["test_" + name]) < 1e-9, name


def predicted(folder, directory):
    pictures = [str(folder / name) for name in ["ship/001.png", "frog/001.png", "bird/001.png", "cat/broken.png"]]
    done = run("predict", str(directory), *pictures, code=2)
    assert "broken.png" in done.stderr and "ship/001.png" in done.stdout, done
    rows = json.loads(run("predict", str(directory), *pictures[:3], "--json").stdout)
    for row in rows:
        assert row["class"] in CLASSES and abs(sum(row["probabilities"].values()) - 1) < 1e-6, row


def nonsense(root, folder):
    def refused(*arguments, word):
        done = run(*arguments, code=2)
        assert word in done.stderr and done.stderr.count("\n") == 1, done.stderr

    refused("data", "inspect", word="no data set")
    refused("data", "inspect", "folder", word="needs a path")
    refused("data", "inspect", f"folder:{root}/absent", word="no such folder")
    refused("data", "inspect", f"folder:{folder}/cat", word="no PNG or JPEG files")
    refused("data", "inspect", f"folder:{folder},size=3", word="unknown option 'size'")
    refused("data", "inspect", f"folder:{folder},resize=corp", word="did you mean 'crop'")
    refused("predict", word="no run is given")
    (root / "one/a").mkdir(parents=True)
    (root / "one/a/1.png").write_bytes((folder / "ship/001.png").read_bytes())
    refused("data", "inspect", f"folder:{root}/one", word="two are needed")


def main():
    packed = SOURCE.parent / "shared/data/cifar10/mini_test_1000.bin.gz"
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists() or not packed.exists():
        sys.exit(77)
    data = gzip.decompress(packed.read_bytes())
    records = [(data[i], data[i + 1:i + 3073]) for i in range(0, len(data), 3073)]
    random.Random(1).shuffle(records)
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        folder = root / "pictures, real"  # commas and spaces may be part of a path
        folder.mkdir()
        write_folder(folder, records)
        inspected(folder)
        searched(folder, root / "run")
        predicted(folder, root / "run")
        nonsense(root, folder)


main()
