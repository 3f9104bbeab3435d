"""Runs the program that is tested."""
import os
import subprocess

NASMYTH = os.environ["NASMYTH"]


def run(*arguments, code=0):
    """What it printed; fails where it leaves with another code."""
    done = subprocess.run([NASMYTH, *map(str, arguments)], capture_output=True, text=True, timeout=600)
    assert done.returncode == code, f"{arguments}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done
