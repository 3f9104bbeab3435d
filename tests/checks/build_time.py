"""No source file takes longer to compile than its limit, by the build's own log."""

import sys

import common

LIMIT, LIBTORCH_LIMIT = 60.0, 120.0


def main():
    log = common.BUILD / ".ninja_log"
    if not log.is_file():
        print("no .ninja_log: skipped")
        return common.SKIP
    seconds = {}
    for row in common.read(log).splitlines():
        fields = row.split("\t")
        if len(fields) >= 4 and not row.startswith("#") and fields[3].endswith((".o", ".gch")):
            output = fields[3]
            if (common.BUILD / output).exists():
                seconds[output] = (int(fields[1]) - int(fields[0])) / 1000
    slowest = sorted(seconds.items(), key=lambda item: -item[1])
    for output, time in slowest[:10]:
        print(f"{time:7.1f} s  {output}")
    failed = 0
    for output, time in slowest:
        limit = LIBTORCH_LIMIT if "torch" in output.split("CMakeFiles/")[-1] else LIMIT
        if time > limit:
            failed += 1
            print(f"{output} took {time:.1f} s; at most {limit:.0f}")
    print(f"{len(seconds)} objects, {sum(seconds.values()):.0f} s in all")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
