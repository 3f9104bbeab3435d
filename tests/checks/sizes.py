"""Sizes of files and functions (docs/architecture.md, section 7).

Targets are reported, limits fail. A waiver in size_waivers.txt lifts a limit, with its reason.
"""

import re
import sys

import common

FILE_TARGET, FILE_LIMIT = 500, 800
FUNCTION_TARGET, FUNCTION_LIMIT, KERNEL_LIMIT = 40, 100, 150

# What stands before the brace of a block that is no function.
NO_FUNCTION = re.compile(
    r"\b(namespace|class|struct|union|enum|extern|if|for|while|switch|catch|else|do|try|return)\b"
)
NAME = re.compile(r"([~\w:]+|operator\s*\S+?)\s*\([^{}]*$")


def is_function(head):
    """Whether the text between the last statement and a brace begins a function's body."""
    head = re.sub(r"^\s*#[^\n]*$", "", head, flags=re.MULTILINE)
    head = re.sub(r"\btemplate\s*<[^{}]*?>\s*(?=\w)", "", head)
    head = re.sub(r"\[\[[^\]]*\]\]|\bextern\s*\"\"", "", head).strip()
    if not head or "(" not in head or re.match(r"(public|private|protected)\s*:\s*$", head):
        return False
    if NO_FUNCTION.match(head) or re.search(r"(=|,|\()\s*$", head):
        return False
    return bool(NAME.search(head) or re.search(r"\)\s*(const|noexcept|override|final|->.*)?", head))


def is_initialiser(head):
    """Whether the brace belongs to a default argument or a constructor's member initialiser."""
    if head.count("(") > head.count(")"):
        return True
    after_colon = re.search(r"\)\s*(?:noexcept\s*)?:(?!:)([^;]*)$", head)
    return bool(after_colon and re.search(r"[\w>]\s*$", after_colon.group(1)))


def closing(text, position):
    """The index of the brace that closes the one at `position`."""
    depth = 0
    for index in range(position, len(text)):
        depth += (text[index] == "{") - (text[index] == "}")
        if depth == 0:
            return index
    return len(text) - 1


def name_of(head):
    head = re.sub(r"^\s*#[^\n]*$", "", head, flags=re.MULTILINE).strip()
    test = re.match(r"TEST\w*\s*\(.*?\)", head, re.DOTALL)
    if test:
        return re.sub(r"\s", "", test.group(0))
    found = re.search(r"([~\w:]+|operator\s*[^\s(]+)\s*\(", head)
    return found.group(1) if found else " ".join(head.split())[:60]


def functions(text):
    """(name, first line, lines) of each outermost function body."""
    text = common.blank(text)
    # A macro's body is no function of this file.
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m.group(0).count("\n"), text,
                  flags=re.MULTILINE)
    found = []
    head_start, line, depth, body_depth, body_head, body_line = 0, 1, 0, None, "", 0
    skip_to = -1
    for position, character in enumerate(text):
        if character == "\n":
            line += 1
        elif position <= skip_to:
            continue
        elif character == "{":
            head = text[head_start:position]
            if body_depth is None and is_initialiser(head):
                skip_to = closing(text, position)
                continue
            if body_depth is None and is_function(head):
                body_depth, body_head, body_line = depth, head, line
            depth += 1
            if body_depth is None:
                head_start = position + 1
        elif character == "}":
            depth -= 1
            if body_depth is not None and depth == body_depth:
                found.append((name_of(body_head), body_line, line - body_line + 1))
                body_depth = None
            if body_depth is None:
                head_start = position + 1
        elif character == ";" and body_depth is None:
            head_start = position + 1
    return found


def waivers():
    """path or path:function → reason."""
    found = {}
    for row in common.read(common.ROOT / "tests/checks/size_waivers.txt").splitlines():
        row = row.strip()
        if row and not row.startswith("#"):
            what, _, reason = row.partition(" ")
            found[what] = reason.strip()
    return found


def main():
    waived = waivers()
    used, problems = set(), []
    long_files = long_functions = function_count = 0

    def report(key, message):
        if key in waived and waived[key]:
            used.add(key)
        else:
            problems.append(message)

    files = common.sources()
    for path in files:
        name, text = common.relative(path), common.read(path)
        lines = text.count("\n")
        long_files += lines > FILE_TARGET
        if FILE_TARGET < lines:
            print(f"{name}: {lines} lines (target {FILE_TARGET})")
        if lines > FILE_LIMIT:
            report(name, f"{name}: {lines} lines; at most {FILE_LIMIT}")
        limit = KERNEL_LIMIT if name.startswith("nasmyth/kernels/") else FUNCTION_LIMIT
        for function, first, length in functions(text):
            function_count += 1
            long_functions += length > FUNCTION_TARGET
            if length > limit:
                report(f"{name}:{function}",
                       f"{name}:{first}: {function} has {length} lines; at most {limit}")
    for what in waived:
        if what not in used:
            problems.append(f"size_waivers.txt: '{what}' is not needed, or gives no reason")
    print(f"{len(files)} files, {long_files} above {FILE_TARGET} lines; "
          f"{function_count} functions, {long_functions} above {FUNCTION_TARGET} lines")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
