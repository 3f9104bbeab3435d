#!/bin/bash
# Replaces third_party/chart.js by another version from npm. Usage: update_chart_library.sh VERSION
# INTEGRITY, where INTEGRITY is what `npm view chart.js@VERSION dist.integrity` says and a person
# has looked at: "sha512-...". Needs npm and openssl; nothing else of the project does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ $# != 2 ]; then
  echo "usage: $0 VERSION INTEGRITY" >&2
  exit 2
fi
version=$1
integrity=$2
folder=third_party/chart.js
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd "$work" && npm pack --silent "chart.js@$version" >/dev/null)
found="sha512-$(openssl dgst -sha512 -binary "$work/chart.js-$version.tgz" | base64 -w0)"
if [ "$found" != "$integrity" ]; then
  printf '%s\n' "the package is not what was expected" "  expected $integrity" "  found    $found" >&2
  exit 2
fi
tar xzf "$work/chart.js-$version.tgz" -C "$work"
sed '/^\/\/# sourceMappingURL=/d' "$work/package/dist/chart.umd.min.js" >"$folder/chart.umd.min.js"
cp "$work/package/LICENSE.md" "$folder/LICENSE.md"
checksum=$(sha256sum "$folder/chart.umd.min.js" | cut -d' ' -f1)
sed -i -e "s/[0-9]\+\.[0-9]\+\.[0-9]\+/$version/g" -e "s#sha512-[A-Za-z0-9+/=]*#$integrity#" \
  -e "s/\(SHA-256 of the file here | \)\`[0-9a-f]*\`/\1\`$checksum\`/" "$folder/README.md"
echo "chart.js $version is in $folder; run tests/cli/report.py and look at a page before committing"
