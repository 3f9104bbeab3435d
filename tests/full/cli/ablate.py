"""Components of known worth over ten tasks and seeds: the vital one is called vital and the useless one useless in nine
of ten, and neither is ever called the other.
"""
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "support"))
from kill_and_resume import NASMYTH, run
from planted_components import FOUND, SPACE, USELESS, VITAL, write_data

TASKS = 10


def words_of(root, seed):
    directory = root / str(seed)
    directory.mkdir()
    write_data(directory / "pairs", 2000, 100, seed)
    run("train", "--data", f"idx:{directory}/pairs", *SPACE, "--architecture", FOUND, "--set", "retrain.epochs=9",
        "--seed", str(seed), "--output", str(directory / "run"), "--quiet")
    run("ablate", str(directory / "run"), "--margin", "0.02", "--quiet")
    result = json.loads((directory / "run/ablation/ablation.json").read_text())
    for change in result["changes"]:
        effect = change["effect"]
        print(f"{seed:2} {change['choice']} {change['found']} -> {change['instead']}: {effect['difference']:+.4f} "
              f"+- {effect['deviation']:.4f}, p {effect['p_adjusted']:.2g}, {effect['p_equivalence']:.2g}: "
              f"{change['found_option_is']}", flush=True)
    return {(c["choice"], c["instead"]): c["found_option_is"] for c in result["changes"]}


def main():
    if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as temporary:
        words = [words_of(pathlib.Path(temporary), seed) for seed in range(1, TASKS + 1)]
    vital = [w[VITAL] for w in words]
    useless = [w[USELESS] for w in words]
    print(f"vital: {vital.count('vital')} of {TASKS}, useless: {useless.count('useless')} of {TASKS}")
    assert vital.count("vital") >= 9 and "useless" not in vital, vital
    assert useless.count("useless") >= 9 and "vital" not in useless, useless


main()
