"""What the checks share: where the sources are and how to read them."""

import os
import pathlib
import re

ROOT = pathlib.Path(os.environ.get("NASMYTH_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("NASMYTH_BINARY_DIR", ROOT / "build" / "release"))
TREES = ("nasmyth", "tests", "benchmarks", "examples", "python")
SUFFIXES = (".h", ".cpp", ".cu")
SKIP = 77


def sources(*trees):
    """All C++ files below the given trees, sorted."""
    found = []
    for tree in trees or TREES:
        base = ROOT / tree
        if base.is_dir():
            found += [p for p in base.rglob("*") if p.suffix in SUFFIXES and p.is_file()]
    return sorted(found)


def read(path):
    return path.read_text(encoding="utf-8", errors="replace")


def relative(path):
    return path.relative_to(ROOT).as_posix()


_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL,
)


def blank(text):
    """The text without comments, strings and character literals; line breaks stay."""

    def replace(match):
        token = match.group(0)
        lines = "\n" * token.count("\n")
        return lines if token.startswith("/") else '""' + lines

    return _TOKEN.sub(replace, text)
