"""Writes optimizer_baseline.h: parameters after steps of PyTorch's optimisers.

Run with the project's interpreter: .venv/bin/python tests/kernels/optimizer_baseline.py
The inputs (see `value` and `gradient`) are exact in float32 and repeated in optimizer_test.cpp.
"""

import pathlib

import torch

SIZES = (7, 20)
STEPS = 5
RATES = (0.1, 0.05, 0.05, 0.02, 0.01)

# Name, constructor, its settings, clipping norm, weight decay on the second segment too.
CASES = (
    ("sgd_plain", torch.optim.SGD, dict(momentum=0.0, weight_decay=0.01), 0, True),
    ("sgd_momentum", torch.optim.SGD, dict(momentum=0.9, weight_decay=0.01), 0, True),
    ("sgd_nesterov", torch.optim.SGD,
     dict(momentum=0.9, weight_decay=0.01, nesterov=True), 0, False),
    ("sgd_clipped", torch.optim.SGD, dict(momentum=0.9, weight_decay=0.01), 2.0, True),
    ("adam", torch.optim.Adam, dict(betas=(0.5, 0.999), weight_decay=0.1), 0, True),
    ("adam_clipped", torch.optim.Adam, dict(betas=(0.9, 0.999), weight_decay=0.0), 1.5, True),
    ("adamw", torch.optim.AdamW, dict(betas=(0.9, 0.95), eps=1e-6, weight_decay=0.1), 0, False),
)


def value(segment, index):
    return 0.125 * index - 0.5 * (segment + 1)


def gradient(segment, index, step):
    return 0.25 * ((7 * index + 3 * step + 5 * segment) % 11 - 5)


def tensor(function, size, dtype):
    return torch.tensor([function(i) for i in range(size)], dtype=dtype)


def run(constructor, settings, clip, decay_all, dtype):
    parameters = [
        torch.nn.Parameter(tensor(lambda i, s=s: value(s, i), size, dtype))
        for s, size in enumerate(SIZES)
    ]
    groups = [{"params": [parameters[0]]}, {"params": [parameters[1]]}]
    if not decay_all:
        groups[1]["weight_decay"] = 0.0
    optimizer = constructor(groups, lr=RATES[0], foreach=False, **settings)
    norms = []
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = RATES[step]
        for s, parameter in enumerate(parameters):
            parameter.grad = tensor(lambda i, s=s: gradient(s, i, step), parameter.numel(), dtype)
        norms.append(
            float(torch.nn.utils.clip_grad_norm_(parameters, clip if clip else float("inf"))))
        optimizer.step()
    return [float(x) for p in parameters for x in p.detach()], norms


def constant(name, suffix):
    return "k" + "".join(part.capitalize() for part in f"{name}_{suffix}".split("_"))


def array(numbers, digits):
    texts = [f"{x:.{digits}g}" for x in numbers]
    lines, line = [], "   "
    for text in texts:
        if len(line) + len(text) + 2 > 98:
            lines.append(line)
            line = "   "
        line += f" {text},"
    return "\n".join(lines + [line])


def main():
    out = [
        "#pragma once",
        "",
        f"// Written by optimizer_baseline.py with PyTorch {torch.__version__.split('+')[0]}.",
        "",
        "// clang-format off",
        "namespace nasmyth::test {",
        "",
        f"inline constexpr double kBaselineRates[] = {{{', '.join(map(str, RATES))}}};",
    ]
    for name, constructor, settings, clip, decay_all in CASES:
        for suffix, dtype, digits in (("float", torch.float32, 9), ("double", torch.float64, 17)):
            values, norms = run(constructor, settings, clip, decay_all, dtype)
            out += [
                "",
                f"inline constexpr double {constant(name, suffix)}[] = {{",
                array(values, digits),
                "};",
            ]
        out += [f"inline constexpr double {constant(name, 'norms')}[] = {{", array(norms, 17), "};"]
    out += ["", "}  // namespace nasmyth::test", "// clang-format on", ""]
    pathlib.Path(__file__).with_name("optimizer_baseline.h").write_text("\n".join(out))


if __name__ == "__main__":
    main()
