"""All C++ files are as clang-format 14 leaves them (`make format`)."""

import shutil
import subprocess
import sys

import common


def main():
    program = shutil.which("clang-format-14")
    if program is None:
        print("clang-format-14 is not installed: skipped")
        return common.SKIP
    files = [str(path) for path in common.sources()]
    if "--fix" in sys.argv:
        return subprocess.run([program, "-i", *files], check=False).returncode if files else 0
    wrong = []
    for start in range(0, len(files), 100):
        done = subprocess.run(
            [program, "--dry-run", "--Werror", *files[start : start + 100]],
            capture_output=True, text=True, check=False,
        )
        wrong += [row for row in done.stderr.splitlines() if ": error:" in row]
    for row in wrong[:40]:
        print(row)
    print(f"{len(files)} files, {len(wrong)} places differ" + ("; run `make format`" if wrong else ""))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
