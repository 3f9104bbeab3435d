"""A task and a network for it of which it is known what each component is worth.

An image holds pairs of dots side by side, 5 pixels apart in class 0 and 6 in class 1. The network pools over the image, so
it must see 6 pixels at once. Its stem sees 3; the 5x5 kernel of the first layer makes that 7, a 3x3 kernel 5: the
kernel is vital. The second layer has a 1x1 kernel and sees nothing new: it is useless.

Nothing else gives the class away to a network that sees 5 pixels: rows are 5 apart, so that no window holds dots of two
pairs; and no dot is so near to the border that a window sees both it and the padding, which would tell where it is.
"""
import random
import struct

SIDE, MARGIN = 20, 4
ROWS = range(2, SIDE, 5)
SPACE = [
    "--space", "compact", "--set", "space.stem=8", "--set", "space.stem_stride=1", "--set", "space.widths=[8]",
    "--set", "space.strides=[1]", "--set", "space.layers=2", "--set", "space.kernels=[1, 3, 5]",
    "--set", "space.expansions=[3]", "--set", "space.operations=[mbconv, skip]",
    "--set", "retrain.batch_size=16", "--set", "retrain.crop_padding=0", "--set", "retrain.label_smoothing=0",
    "--threads", "1", "--set", "splits.selection=0.25", "--set", "splits.search_validation=0.1",
]
FOUND = "stage0/depth=2;stage0/layer0/kernel=5;stage0/layer1/operation=mbconv;stage0/layer1/kernel=1"
VITAL = ("stage0/layer0/kernel", "3")
USELESS = ("stage0/layer1/operation", "skip")


def picture(generator, label):
    pixels = bytearray(SIDE * SIDE)
    for row in ROWS:
        column = generator.randrange(MARGIN, SIDE - MARGIN - 6)
        for x in (column, column + 5 + label):
            pixels[row * SIDE + x] = 255
    return bytes(pixels)


def write_part(folder, prefix, count, generator):
    labels = bytes(i % 2 for i in range(count))
    images = b"".join(picture(generator, label) for label in labels)
    (folder / f"{prefix}-images-idx3-ubyte").write_bytes(
        bytes([0, 0, 8, 3]) + struct.pack(">III", count, SIDE, SIDE) + images)
    (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(bytes([0, 0, 8, 1]) + struct.pack(">I", count) + labels)


def write_data(folder, train, test, seed):
    folder.mkdir()
    generator = random.Random(seed)
    write_part(folder, "train", train, generator)
    write_part(folder, "t10k", test, generator)
