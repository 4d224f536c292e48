#!/usr/bin/env bash
# Synthesizes every example config, offline, and runs cfn-lint over its templates. Needs Python 3 with venv; cfn-lint comes from PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."

CFN_LINT=1.58.0
cache=node_modules/.cache/cfn-lint-$CFN_LINT
if [ ! -x "$cache/bin/cfn-lint" ]; then
  python3 -m venv "$cache"
  "$cache/bin/pip" install --quiet "cfn-lint==$CFN_LINT"
fi

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for config in grid.config.ts test/fixtures/configs/*.config.ts; do
  name=$(basename "$config" .config.ts)
  started=$SECONDS
  npx cdk synth --quiet -c config="$config" -o "$out/$name" >"$out/$name.log" 2>&1 || { cat "$out/$name.log"; exit 1; }
  echo "$config: synthesized in $((SECONDS - started)) s"
  "$cache/bin/cfn-lint" "$out/$name"/*.template.json
done
echo "cfn-lint $CFN_LINT found nothing"
