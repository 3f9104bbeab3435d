"""Runs that are killed, interrupted or damaged, and go on."""
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from kill_and_resume import NASMYTH, SMALL, content, killed, run, uninterrupted


def refused(*arguments, word):
    done = run(*arguments, code=2)
    assert word in done.stderr and done.stderr.count("\n") == 1, done.stderr


def killed_runs(root, expected, seconds):
    generator = random.Random(5)
    killed("search", SMALL, root / "killed", seconds, generator, kills=2)
    assert content(root / "killed") == expected
    killed("search", SMALL, root / "stopped", seconds, generator, kills=2, how=signal.SIGINT)
    assert content(root / "stopped") == expected


def finished_run(root, expected):
    """Resuming a finished run shows its result and changes nothing."""
    before = (root / "whole/result.json").read_bytes()
    done = run("search", "--resume", str(root / "whole"), "--quiet")
    assert "test accuracy" in done.stdout, done.stdout
    assert (root / "whole/result.json").read_bytes() == before
    assert content(root / "whole") == expected


def verified(root):
    """The first steps are repeated bit for bit; a changed record is found, and what may explain it named."""
    directory = root / "whole"
    found = json.loads(run("verify", str(directory), "--json").stdout)
    assert found["equal"] and found["steps"] == 20 and not found["differences"], found
    file = directory / "first_steps.json"
    text = file.read_text()
    record = json.loads(text)
    record["steps"][3]["bits"] = "3ff0000000000000"
    record["environment"]["processor"] = "another one"
    file.write_text(json.dumps(record))
    done = run("verify", str(directory), code=1)
    assert "step 4 differs: loss 1 recorded" in done.stdout and "processor: another one" in done.stdout, done.stdout
    file.write_text(text)
    refused("verify", str(root / "trained"), word="no first steps")


def training(root):
    arguments = ["--config", str(root / "whole/configuration.yaml"), "--architecture",
                 str(root / "whole/architecture.json")]
    expected, seconds = uninterrupted("train", arguments, root / "trained")
    killed("train", arguments, root / "trained-killed", seconds, random.Random(6), kills=2)
    assert content(root / "trained-killed") == expected


def damaged(root, expected):
    directory = root / "stopped"
    bytes_ = bytearray((directory / "checkpoint").read_bytes())
    bytes_[len(bytes_) // 2] ^= 1
    (directory / "checkpoint").write_bytes(bytes_)
    done = run("search", "--resume", str(directory))
    assert "the checkpoint before it is used" in done.stderr, done.stderr
    assert content(directory) == expected
    for name in ["checkpoint", "checkpoint.previous"]:
        (directory / name).write_bytes(b"nonsense")
    refused("search", "--resume", str(directory), "--quiet", word="none of its checkpoints is whole")


def started(directory):
    """A long run that has written a checkpoint."""
    process = subprocess.Popen([NASMYTH, "search", *SMALL, "--set", "search.epochs=500", "--output", str(directory),
                                "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline = time.time() + 60
    while not (directory / "checkpoint").exists() and time.time() < deadline:
        time.sleep(0.05)
    return process


def two_processes(root):
    directory = root / "shared"
    first = started(directory)
    refused("search", "--resume", str(directory), "--quiet", word=f"process {first.pid}")
    first.send_signal(signal.SIGINT)
    _, err = first.communicate(timeout=60)
    assert first.returncode == 130 and f"nasmyth search --resume {directory}" in err, err
    return directory


def full_disk(root, expected):
    """Files may not grow beyond a limit, as on a full disk: a clear end, and the run goes on later."""
    directory = root / "full"
    limit = (root / "whole/checkpoint").stat().st_size // 2
    done = subprocess.run([NASMYTH, "search", *SMALL, "--output", str(directory)], capture_output=True, text=True,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert done.returncode == 2, (done.returncode, done.stderr)
    last = done.stderr.splitlines()[-1]
    assert "cannot write the file" in last and "free space" in last, done.stderr
    assert f"nasmyth search --resume {directory}" in done.stderr, done.stderr
    assert not list(directory.glob(".*tmp*")), list(directory.iterdir())
    run("search", "--resume", str(directory), "--quiet")
    assert content(directory) == expected


CLOCK_SET_BACK = """
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
static long back(void) { static long calls; return ++calls > 20 ? 7200 : 0; }
int clock_gettime(clockid_t id, struct timespec* t) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) *(void**)&real = dlsym(RTLD_NEXT, "clock_gettime");
  int code = real(id, t);
  if (id == CLOCK_REALTIME) t->tv_sec -= back();
  return code;
}
time_t time(time_t* out) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  if (out) *out = t.tv_sec;
  return t.tv_sec;
}
int gettimeofday(struct timeval* v, void* zone) {
  struct timespec t;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &t);
  v->tv_sec = t.tv_sec;
  v->tv_usec = t.tv_nsec / 1000;
  return 0;
}
"""


def clock_set_back(root, expected):
    """The machine's clock goes back two hours in mid-run, and the run is resumed: nothing comes of it."""
    source, library = root / "clock.c", root / "clock.so"
    source.write_text("#define _GNU_SOURCE\n" + CLOCK_SET_BACK)
    if not shutil.which("cc"):
        return
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    os.environ["LD_PRELOAD"] = str(library)
    try:
        assert uninterrupted("search", SMALL, root / "back")[0] == expected
        killed("search", SMALL, root / "back-killed", 5, random.Random(8))
    finally:
        del os.environ["LD_PRELOAD"]
    assert content(root / "back-killed") == expected


def removed_directory(root):
    directory = root / "removed"
    process = started(directory)
    while directory.exists():
        shutil.rmtree(directory, ignore_errors=True)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2 and err.count("\n") == 1 and str(directory) in err, err


def nonsense(root, directory):
    refused("search", "--resume", str(root / "absent"), word="no such run")
    refused("search", "--resume", str(directory), "--max", "params=9k", word="--max")
    refused("search", "--resume", str(directory), "--seed", "2", word="--seed")
    refused("search", "--resume", str(directory), "--no-controls", word="--no-controls")
    configuration = directory / "configuration.yaml"
    text = configuration.read_text()
    configuration.write_text(text.replace("epochs: 500", "epochs: 501"))
    assert configuration.read_text() != text
    refused("search", "--resume", str(directory), "--quiet", word="not the configuration that the run began with")
    configuration.write_text(text)


def main():
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        expected, seconds = uninterrupted("search", SMALL, root / "whole")
        killed_runs(root, expected, seconds)
        finished_run(root, expected)
        training(root)
        verified(root)
        damaged(root, expected)
        clock_set_back(root, expected)
        full_disk(root, expected)
        removed_directory(root)
        nonsense(root, two_processes(root))


main()
