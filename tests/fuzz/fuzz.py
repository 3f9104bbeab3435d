"""Looks for inputs that break a fuzz target.

fuzz.py --build            builds the program with Clang, in build/fuzz
fuzz.py TARGET             fuzzes for NASMYTH_FUZZ_SECONDS (default: 600), from the kept inputs and the
                           seeds of this build; an input that breaks the target is kept in
                           build/fuzz/faults/TARGET and named
fuzz.py TARGET --merge     the same, and adds what reached new code to tests/fuzz/corpus
fuzz.py TARGET --run FILE  one input
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = SOURCE / "build/fuzz"
PROGRAM = BUILD / "fuzz"
COMPILER = "clang++-16"
LONGEST = 4096  # bytes of an input that is kept
MOST = 150  # inputs that are kept for a target
SKIPPED = 77


def build():
    if not shutil.which(COMPILER):
        print(f"{COMPILER} is missing; as root: apt-get install clang-16 libclang-rt-16-dev")
        sys.exit(SKIPPED)
    subprocess.run(["cmake", "--preset", "fuzz", "--log-level=WARNING"], cwd=SOURCE, check=True)
    subprocess.run(["cmake", "--build", "--preset", "fuzz", "-j", str(os.cpu_count())], cwd=SOURCE, check=True)


def environment(scratch):
    # Inputs are small: what needs much memory or time is a fault, too.
    return dict(os.environ, TMPDIR=scratch, ASAN_OPTIONS="allocator_may_return_null=0:detect_leaks=1",
                UBSAN_OPTIONS="print_stacktrace=1")


def scratch_parent():
    shared = pathlib.Path("/dev/shm")
    return shared if os.access(shared, os.W_OK) else None


def fuzz(target, seconds, merge):
    kept = SOURCE / "tests/fuzz/corpus" / target
    faults = BUILD / "faults" / target
    faults.mkdir(parents=True, exist_ok=True)
    before = set(faults.iterdir())
    with tempfile.TemporaryDirectory(dir=scratch_parent(), prefix=f"nasmyth-{target}-") as scratch:
        seeds, found = pathlib.Path(scratch, "seeds"), pathlib.Path(scratch, "found")
        seeds.mkdir()
        found.mkdir()
        run = environment(scratch)
        subprocess.run([PROGRAM, target, "--seeds", seeds], env=run, check=True)
        command = [PROGRAM, target, f"-max_total_time={seconds}", f"-artifact_prefix={faults}/", "-timeout=25",
                   "-rss_limit_mb=2560", "-print_final_stats=1", "-verbosity=1", found, kept, seeds]
        log = BUILD / "logs" / f"{target}.log"
        log.parent.mkdir(exist_ok=True)
        with log.open("w") as output:
            code = subprocess.run(command, env=run, stdout=output, stderr=subprocess.STDOUT).returncode
        lines = log.read_text(errors="replace").splitlines()
        new = sorted(set(faults.iterdir()) - before)
        if code != 0 or new:
            print("\n".join(lines[-60:]))
            for fault in new:
                print(f"an input that breaks '{target}' is kept: {fault}")
            print(f"repeat: python3 tests/fuzz/fuzz.py {target} --run {new[0] if new else 'FILE'}")
            return 1
        print("\n".join(line for line in lines if "stat::" in line or line.startswith("Done")))
        if merge:
            keep(target, kept, found, run)
    return 0


def keep(target, kept, found, run):
    """The smallest set of short inputs that reaches as much code as all of them."""
    for file in found.iterdir():
        if file.stat().st_size > LONGEST:
            file.unlink()
    with tempfile.TemporaryDirectory() as least:
        subprocess.run([PROGRAM, target, "-merge=1", least, kept, found], env=run, check=True, capture_output=True)
        files = sorted(pathlib.Path(least).iterdir(), key=lambda file: (file.stat().st_size, file.name))
        named = {file.name for file in kept.iterdir()}
        for file in files[:MOST]:
            if file.name not in named:
                shutil.copy(file, kept / file.name)
    print(f"{len(list(kept.iterdir()))} inputs are kept in {kept}")


def main():
    words = sys.argv[1:]
    if words == ["--build"]:
        return build()
    if not words or words[0].startswith("-"):
        print(__doc__)
        return 2
    if not PROGRAM.exists():
        print("the fuzz targets are not built: python3 tests/fuzz/fuzz.py --build")
        return SKIPPED
    target = words[0]
    if words[1:2] == ["--run"]:
        with tempfile.TemporaryDirectory() as scratch:
            return subprocess.run([PROGRAM, target, *words[2:]], env=environment(scratch)).returncode
    return fuzz(target, int(os.environ.get("NASMYTH_FUZZ_SECONDS", "600")), words[1:] == ["--merge"])


if __name__ == "__main__":
    sys.exit(main())
