"""NumPy arrays of every type, order and layout; signals searched, predicted and exported; damaged files."""
import json
import pathlib
import sys
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from program import NASMYTH, run

TYPES = ["b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]
SMALL = [
    "--space", "compact", "--max", "params=4k", "--max", "macs=100k", "--no-controls", "--seed", "3",
    "--set", "space.layers=1", "--set", "space.stem=8", "--set", "space.widths=[8:12, 12:16]",
    "--set", "space.strides=[1, 2]", "--set", "space.kernels=[3, 7]", "--set", "search.epochs=3",
    "--set", "search.warmup_epochs=1", "--set", "derive.candidates=3", "--set", "derive.finalists=1",
    "--set", "retrain.epochs=6", "--set", "search.batch_size=32", "--set", "retrain.batch_size=32",
]


def inspect(spec):
    return json.loads(run("data", "inspect", f"arrays:{spec}", "--json").stdout)


def check_statistics(found, images, what):
    """`images` as [n, channels, height, width]; bytes are in units of 1 / 255."""
    scale = 255 if found["values"] == "bytes" else 1
    values = images.astype("f8")
    for name, expected in [("mean", values.mean((0, 2, 3)) / scale), ("deviation", values.std((0, 2, 3)) / scale)]:
        assert len(found[name]) == len(expected), (what, found[name], expected)
        for a, b in zip(found[name], expected):
            assert abs(a - b) <= 1e-6 * max(1, abs(b)), (what, name, found[name], expected)


def every_type_order_and_layout(root):
    generator = np.random.default_rng(1)
    whole = generator.integers(0, 100, (20, 3, 6, 5))  # [n, channels, height, width]
    labels = np.arange(20) % 4
    number = 0
    for kind in TYPES:
        for order in "<>":
            for memory in "CF":
                images = whole.astype(kind)
                if kind in ("i1", "i2", "i4", "i8"):
                    images = -images
                if kind.startswith("f"):
                    images = (whole / 7 - 5).astype(kind)
                axes = [(0, 2, 3, 1), (0, 1, 2, 3)][number % 2]
                number += 1
                array = np.array(images.transpose(axes), dtype=np.dtype(kind).newbyteorder(order), order=memory)
                path = root / f"{number}.npz"
                save = np.savez if number % 3 else np.savez_compressed
                save(path, x_train=array, y_train=labels.astype("u1"), x_test=array, y_test=labels.astype("i8"))
                found = inspect(path)
                what = (kind, order, memory, axes)
                assert (found["channels"], found["height"], found["width"]) == (3, 6, 5), (what, found)
                assert found["layout"] == ["nhwc", "nchw"][(number - 1) % 2], what
                assert found["values"] == ("bytes" if kind in ("b1", "u1") else "float32"), what
                assert [c["train"] for c in found["classes"]] == [5] * 4, what
                check_statistics(found, images, what)


def other_shapes(root):
    generator = np.random.default_rng(2)
    labels = np.arange(30) % 3
    x = generator.normal(size=(30, 4, 40)).astype("f4")
    for layout, channels, height, width in [("nhw", 1, 4, 40), ("ncl", 4, 1, 40), ("nlc", 40, 1, 4)]:
        np.savez(root / "x.npz", x=x, y=labels)
        found = inspect(f"{root}/x.npz,layout={layout}")
        assert (found["channels"], found["height"], found["width"]) == (channels, height, width), found
        assert found["kind"] == ("images" if layout == "nhw" else "signals"), found
    np.savez(root / "x.npz", x=x[:, 0], y=labels)
    assert inspect(root / "x.npz")["kind"] == "signals"
    # The names of MedMNIST, and of numpy.savez without names.
    images = generator.integers(0, 256, (30, 8, 8)).astype("u1")
    np.savez(root / "x.npz", train_images=images, train_labels=labels[:, None], val_images=images,
             val_labels=labels[:, None], test_images=images, test_labels=labels[:, None])
    found = inspect(root / "x.npz")
    assert "val_images" in "\n".join(found["remarks"]), found
    np.savez(root / "x.npz", images, labels)
    assert inspect(root / "x.npz")["classes"][0]["train"] == 8
    folder = root / "a folder, with a comma"
    folder.mkdir()
    np.save(folder / "x.npy", images)
    np.save(folder / "y.npy", np.array(["cat", "dog", "cow"])[labels])
    assert [c["name"] for c in inspect(folder)["classes"]] == ["cat", "cow", "dog"]
    folder = folder.rename(root / "pair")
    assert inspect(f"{folder}/x.npy,labels={folder}/y.npy,test=0.5")["classes"][0]["test"] == 5


def signals(count, seed):
    """Three frequencies of random phase in two channels: no point of time tells anything by itself."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, count)
    time = np.arange(64) / 64
    phase = generator.uniform(0, 2 * np.pi, (count, 2, 1))
    waves = np.sin(2 * np.pi * np.array([3, 6, 12])[labels][:, None, None] * time + phase)
    noisy = waves + 0.6 * generator.normal(size=(count, 2, 64))
    return (1000 + 50 * noisy * np.array([1, 20])[None, :, None]).astype("f4"), np.array(["low", "middle", "high"])[labels]


def searched(root):
    x, y = signals(600, 1)
    x[7, 1, 5] = np.nan
    test_x, test_y = signals(300, 2)
    np.savez(root / "waves.npz", x_train=x, y_train=y, x_test=test_x, y_test=test_y)
    spec = f"arrays:{root}/waves.npz,layout=ncl"
    text = run("data", "inspect", spec).stdout
    for words in ["signals of length 64, 2 channels", "[n, channels, length]", "1 sample(s) with values that are not",
                  "normalised by its mean"]:
        assert words in text, text
    directory = root / "run"
    done = run("search", "--data", spec, *SMALL, "--output", directory)
    assert "not finite" in done.stderr, done.stderr
    arm = json.loads((directory / "result.json").read_text())["arms"][0]
    assert arm["test_accuracy"] > 0.75, arm["test_accuracy"]  # usual: 0.95; chance: 0.33
    assert arm["costs"]["params"] <= 4000
    evaluated = json.loads(run("evaluate", directory, "--json").stdout)
    assert abs(evaluated["accuracy"] - arm["test_accuracy"]) < 1e-9
    return directory, test_x, test_y


def predicted(root, directory, x, y):
    np.save(root / "many.npy", x[:100].astype("f8"))
    np.save(root / "one.npy", x[0])
    rows = json.loads(run("predict", directory, root / "many.npy", root / "one.npy", "--json").stdout)
    assert len(rows) == 101
    assert rows[3]["picture"].endswith("many.npy[3]") and rows[100]["picture"].endswith("one.npy")
    assert np.mean([row["class"] == label for row, label in zip(rows, y)]) > 0.7
    np.save(root / "wrong.npy", x[:, :1])
    done = run("predict", directory, root / "wrong.npy", root / "one.npy", code=2)
    assert "an array [300, 1, 64] for a network of [2, 1, 64]" in done.stderr and "one.npy" in done.stdout, done
    picture = pathlib.Path(root / "picture.png")
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert "trained on arrays" in run("predict", directory, picture, code=2).stderr
    return rows


def exported(directory, x, rows):
    """The ONNX file takes the raw values."""
    try:
        import openvino
    except ImportError:
        return
    model = openvino.Core().read_model(str(directory / "network.onnx"))
    compiled = openvino.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    logits = compiled(x[:100][:, :, None, :].astype("f4"))["logits"]
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    classes = json.loads((directory / "data.json").read_text())["classes"]
    for row, expected in zip(rows, p):
        for name, value in zip(classes, expected):
            assert abs(row["probabilities"][name] - value) < 1e-4, (row, expected)


def pictures_as_arrays(root):
    """Bytes behave as pictures do: predict takes both."""
    generator = np.random.default_rng(5)
    labels = np.arange(200) % 2
    x = generator.integers(0, 120, (200, 12, 12, 3)).astype("u1")
    x[labels == 1, :6] += 120
    np.savez(root / "bytes.npz", x=x, y=labels)
    run("search", "--data", f"arrays:{root}/bytes.npz", *SMALL, "--set", "search.epochs=2", "--set",
        "retrain.epochs=1", "--set", "space.kernels=[3, 5]", "--output", root / "bytes", "--quiet")
    assert json.loads((root / "bytes/data.json").read_text()).get("scale") is None
    np.save(root / "few.npy", x[:4])
    assert len(json.loads(run("predict", root / "bytes", root / "few.npy", "--json").stdout)) == 4
    np.save(root / "few.npy", x[:4] / 255)
    assert "whole numbers from 0 to 255" in run("predict", root / "bytes", root / "few.npy", code=2).stderr


def nonsense(root):
    def refused(spec, *words):
        done = run("data", "inspect", spec, code=2)
        for word in words:
            assert word in done.stderr, done.stderr
        assert done.stderr.count("\n") == 1, done.stderr

    x, y = np.zeros((10, 4, 4), "f4") + np.arange(10, dtype="f4")[:, None, None], np.arange(10) % 2
    path = root / "bad.npz"
    refused("arrays", "needs a path")
    refused(f"arrays:{root}/absent.npz", "no such file")
    refused(f"arrays:{root}/absent.npz,layuot=nhw", "unknown option 'layuot'", "did you mean 'layout'")
    path.write_text("hello")
    refused(f"arrays:{path}", "no archive of arrays", "numpy.savez")
    np.savez(path, x=x, y=y)
    refused(f"arrays:{path},layout=nhcw", "nhcw")
    refused(f"arrays:{path},layout=nchw", "has 4 axes; got [10, 4, 4]")
    whole = path.read_bytes()
    path.write_bytes(whole[:len(whole) // 2])
    refused(f"arrays:{path}", "no archive of arrays")
    damaged = bytearray(whole)
    damaged[200] ^= 255  # an element: the checksum of the archive finds it
    path.write_bytes(damaged)
    refused(f"arrays:{path}", "damaged")
    np.savez(path, x=x)
    refused(f"arrays:{path}", "no labels for the samples 'x'")
    np.savez(path, images_of_cats=x, y=y)
    refused(f"arrays:{path}", "no array has the name of samples; got images_of_cats, y")
    np.savez(path, x=np.array([{"a": 1}] * 10, object), y=y)
    refused(f"arrays:{path}", "bad.npz:x", "Python objects")
    np.savez(path, x=x.astype("c8"), y=y)
    refused(f"arrays:{path}", "'<c8'", "astype")
    np.savez(path, x=np.full((10, 8, 3, 8), 1, "u1"), y=y)
    refused(f"arrays:{path}", "could be the channels", "layout=nchw or layout=nhwc")
    np.savez(path, x=x, y=np.linspace(0, 1, 10))
    refused(f"arrays:{path}", "bad.npz:y", "element 1 is 0.11")
    np.savez(path, x=x, y=y[:9])
    refused(f"arrays:{path}", "9 labels for 10 samples")
    np.savez(path, x=x * np.nan, y=y)
    refused(f"arrays:{path}", "every sample has values that are not finite")
    with zipfile.ZipFile(path, "w") as archive:  # a header that promises a terabyte
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 400, 400), }"
        archive.writestr("x.npy", b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header)
        archive.writestr("y.npy", b"")
    refused(f"arrays:{path}", "at most 4 GiB")
    np.save(root / "alone.npy", x)
    refused(f"arrays:{root}/alone.npy", "labels are missing", "labels=<file")
    (root / "table.csv").write_text("1,2")
    refused(f"arrays:{root}/table.csv", "ends neither in .npz nor in .npy")
    (root / "empty").mkdir()
    refused(f"arrays:{root}/empty", "no .npy files")


def main():
    global np
    try:
        import numpy as np
    except ImportError:
        sys.exit(77)
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        every_type_order_and_layout(root)
        other_shapes(root)
        nonsense(root)
        if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
            return
        directory, x, y = searched(root)
        exported(directory, x, predicted(root, directory, x, y))
        pictures_as_arrays(root)


main()
