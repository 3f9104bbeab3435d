"""Space files and rules for choices, as a user meets them: checked, searched, changed afterwards, with nonsense."""
import json
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from program import NASMYTH, run

EXAMPLES = pathlib.Path(os.environ["NASMYTH_SOURCE_DIR"]) / "examples" / "spaces"
SMALL = [
    "--data", "planted", "--max", "params=4k", "--max", "macs=400k", "--quiet", "--set", "search.epochs=2",
    "--set", "search.warmup_epochs=1", "--set", "derive.candidates=3", "--set", "derive.finalists=1",
    "--set", "derive.images=200", "--set", "retrain.epochs=1", "--set", "splits.search_validation=0.3",
    "--set", "random.candidates=1", "--set", "random.epochs=1", "--set", "controls=[random]",
]


def refused(*arguments, word):
    done = run(*arguments, code=2)
    errors = [line for line in done.stderr.splitlines() if line.startswith("nasmyth: error: ")]
    assert len(errors) == 1 and word in errors[0], done.stderr
    return errors[0]


def count(*arguments):
    figures = json.loads(run("count", *arguments, "--json").stdout)
    return {key: figures[key] for key in ("params", "macs", "conv_macs")}


def equal_to_the_built_in_space():
    file = EXAMPLES / "nasbench201.yaml"
    cell = "edge0_1=nor_conv_3x3;edge0_2=none;edge1_2=skip_connect;edge0_3=avg_pool_3x3;edge1_3=nor_conv_1x1;edge2_3=none"
    for more in (["--architecture", cell], ["--form", "search"], ["--set", "cells=2", "--input", "1x28x28"]):
        assert count("--space", file, *more) == count("--space", "nasbench201", *more), more
    checks = [json.loads(run("space", "check", space, "--json").stdout) for space in (file, "nasbench201")]
    assert checks[0]["architectures"] == checks[1]["architectures"] == 15625
    assert checks[0]["resources"] == checks[1]["resources"] and checks[0]["choices"] == checks[1]["choices"]
    described = run("describe", "space", file).stdout
    assert "cells" in described and "choice edge0_1: none skip_connect" in described, described


def checked():
    text = run("space", "check", EXAMPLES / "mobile.yaml").stdout
    assert "output [10]" in text and "stage1/width" in text and "No faults found." in text, text
    json.loads(run("space", "check", EXAMPLES / "mobile.yaml", "--input", "3x32x32", "--classes", "5", "--json").stdout)
    run("check", "--no-forecast", "--data", "planted", "--space", EXAMPLES / "mobile.yaml", "--max", "params=5k")


def nonsense(root):
    def space(text):
        (root / "bad.yaml").write_text(text)
        return root / "bad.yaml"

    circle = space("network:\n  nodes:\n    a: {op: relu, from: b}\n    b: {op: relu, from: a}\n")
    for command in (["space", "check", circle], ["count", "--space", circle],
                    ["check", "--data", "planted", "--space", circle],
                    ["search", "--data", "planted", "--space", circle, "--output", root / "never"],
                    ["describe", "space", circle]):
        assert f"[{circle}:3:5] the nodes read each other in a circle: a -> b -> a" in refused(*command, word="circle")
    assert not (root / "never").exists()
    refused("space", "check", space("network: {nodes: {a: {op: conv_bm}}}"), word="bad.yaml:1:27] unknown operation 'conv_bm'; did you mean 'conv_bn'?")
    refused("space", "check", root / "absent.yaml", word="absent.yaml")
    refused("space", "check", "compcat", word="did you mean 'compact'?")
    refused("space", "check", word="no space file is given")
    refused("space", "check", EXAMPLES / "mobile.yaml", "--set", "steem=3", word="did you mean 'stem'?")
    refused("search", "--data", "planted", "--space", "compcat", word="did you mean 'compact'?")
    refused("count", "--space", EXAMPLES / "mobile.yaml", "--set", "stem=wide", word="space.stem")


def searched(root):
    """A run keeps its space: the file may change and go."""
    file = root / "mobile.yaml"
    file.write_text((EXAMPLES / "mobile.yaml").read_text())
    directory = root / "run"
    rules = ["--set", "choices.pin.*kernel=3", "--set", "choices.forbid.*body=[skip]",
             "--set", "choices.prior.stage1/*body.separable=5", "--set", "space.depths=[1, 2]"]
    run("search", "--space", file, *SMALL, *rules, "--output", directory)
    assert (directory / "space.yaml").read_bytes() == file.read_bytes()
    result = json.loads((directory / "result.json").read_text())
    assert any("leave fewer options" in decision for decision in result["decisions"]), result["decisions"]
    for arm in result["arms"]:
        for choice, option in arm["architecture"].items():
            assert not choice.endswith("kernel") or option == "3", arm
            assert not choice.endswith("body") or option != "skip", arm
    logits = json.loads((directory / "architecture_parameters.json").read_text())
    assert set(logits["stage0/layers0/kernel"]) == {"3"} and "skip" not in logits["stage0/layers0/body"]
    row = logits["stage1/layers0/body"]
    assert row["separable"] - row["mbconv"] > 4, row
    # The same from its own configuration, while the file is what it was.
    again = run("check", "--no-forecast", "--config", directory / "configuration.yaml", "--json").stdout
    assert json.loads(again)["feasible"]
    file.write_text(file.read_text().replace("stem: 12", "stem: 10"))
    refused("check", "--config", directory / "configuration.yaml", word="is not the one that was recorded")
    run("check", "--no-forecast", "--config", directory / "configuration.yaml", "--space", directory / "space.yaml")
    file.unlink()
    architecture = json.loads((directory / "architecture.json").read_text())
    assert json.loads(run("derive", directory, "--json").stdout)["architecture"] == architecture
    tighter = json.loads(run("derive", directory, "--max", "params=3500", "--json").stdout)
    assert tighter["limits"][0]["cost"] <= 3500
    assert all(option == "3" for choice, option in tighter["architecture"].items() if choice.endswith("kernel"))
    # What was pinned and forbidden is no change to try.
    plan = json.loads(run("ablate", directory, "--plan", "--json").stdout)
    assert plan["changes"] and not any(change["choice"].endswith("kernel") or change["instead"] == "skip"
                                       for change in plan["changes"]), plan["changes"]
    run("verify", directory)
    run("search", "--resume", directory, "--quiet")
    run("evaluate", directory)
    with open(directory / "space.yaml", "a") as copy:
        copy.write("# changed\n")
    refused("derive", directory, word="is not the one with which it began")


def rules_that_cannot_be_met(root):
    compact = ["--data", "planted", "--space", "compact"]
    tight = ["--max", "params=4k", "--max", "macs=1M"]
    run("check", "--no-forecast", *compact, *tight)
    wide = ["--set", "choices.pin.stage2/width=64", "--set", "choices.pin.stage*/depth=3"]
    done = run("search", *compact, *tight, *wide, "--output", root / "infeasible", code=2)
    for word in ("least alone", "choices.pin and choices.forbid leave fewer options in 4 of"):
        assert word in done.stderr, done.stderr
    assert not (root / "infeasible").exists()
    refused("search", *compact, "--set", "choices.pin.stage9/depth=3", word="unknown choice 'stage9/depth'")
    refused("search", *compact, "--set", "choices.pin.stage0/depth=7", word="unknown option '7'")
    refused("search", *compact, "--set", "choices.forbid.*depth=[1, 2, 3]", word="leaves no option")
    refused("search", *compact, "--set", "choices.pins.x=3", word="did you mean 'choices.pin")
    refused("search", *compact, "--set", "choices.prior.*operation.skip=1", "--set", "search.strategy=random",
            "--set", "search.candidates=2", word="has no logits")


def main():
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        equal_to_the_built_in_space()
        checked()
        nonsense(root)
        if not (pathlib.Path(NASMYTH).parent / "libnasmyth_torch.so").exists():
            sys.exit(77)
        searched(root)
        rules_that_cannot_be_met(root)


main()
