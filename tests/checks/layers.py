"""A folder of nasmyth/ includes only itself and folders of lower levels (docs/architecture.md)."""

import re
import sys

import common

LEVELS = [
    ["core"],
    ["graph", "kernels"],
    ["operation", "data"],
    ["space", "resource", "onnx"],
    ["table", "engine"],
    ["supernet", "train", "profile"],
    ["estimator", "study"],
    ["strategy"],
    ["search"],
    ["report", "export"],
    ["cli"],
]
LEVEL = {folder: number for number, row in enumerate(LEVELS) for folder in row}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
LIBTORCH = ("torch/", "ATen/", "c10/")
# LibTorch has a newer copy of fmt, which would shadow the distribution's.
NOT_BESIDE_LIBTORCH = ("fmt/", "spdlog/")


def includes(path):
    return [match.group(2) for match in INCLUDE.finditer(common.read(path))]


def folder_of(name):
    parts = name.split("/")
    return parts[1] if parts[0] == "nasmyth" and len(parts) > 2 else None


def check_file(path, problems):
    name = common.relative(path)
    own = folder_of(name)
    if own is None:
        return
    if own != "torch" and own not in LEVEL:
        problems.append(f"{name}: folder '{own}' has no level")
        return
    for target in includes(path):
        if target.startswith(LIBTORCH) and own != "torch":
            problems.append(f"{name}: only nasmyth/torch may include <{target}>")
        other = folder_of(target)
        if other is None or own == "torch" or other == own:
            continue
        if other == "torch":
            problems.append(f"{name}: nothing may include {target}")
        elif other not in LEVEL:
            problems.append(f"{name}: includes {target}, whose folder has no level")
        elif LEVEL[other] >= LEVEL[own]:
            problems.append(
                f"{name} (level {LEVEL[own]}) includes {target} (level {LEVEL[other]})"
            )


def check_beside_libtorch(problems):
    """No file that LibTorch is compiled with sees fmt or spdlog, however indirectly."""
    reached = {}
    open_files = [(p, common.relative(p)) for p in common.sources("nasmyth/torch")]
    while open_files:
        path, origin = open_files.pop()
        if path in reached:
            continue
        reached[path] = origin
        for target in includes(path):
            if target.startswith(NOT_BESIDE_LIBTORCH):
                problems.append(
                    f"{common.relative(path)}: includes <{target}>, and {origin} is compiled "
                    "with LibTorch"
                )
            below = common.ROOT / target
            if target.startswith("nasmyth/") and below.is_file():
                open_files.append((below, origin))


def main():
    problems = []
    files = common.sources("nasmyth")
    for path in files:
        check_file(path, problems)
    check_beside_libtorch(problems)
    for path in common.sources("tests", "benchmarks", "examples"):
        name = common.relative(path)
        if name.startswith(("tests/torch/", "tests/full/torch/")):
            continue
        for target in includes(path):
            if target.startswith(LIBTORCH):
                problems.append(f"{name}: only tests/torch may include <{target}>")
    for problem in problems:
        print(problem)
    print(f"{len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
