#!/usr/bin/env bash
# Writes what users compile against, as the compiler sees it, into the projects' PublicAPI.Unshipped.txt. A line that the diff removes breaks users: say it in the commit.
# At a release the lines move to PublicAPI.Shipped.txt.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
export LC_ALL=C
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for project in Dora.Core Dora.Interfaces Dora.PageChannel Dora.Client; do
  # Compiled with an empty list, so that every symbol is reported.
  echo '#nullable enable' > "$project/PublicAPI.Unshipped.txt"
  dotnet build "$project" -c Release -v q --no-incremental -p:TreatWarningsAsErrors=false > "$log" || { grep -E ': error ' "$log" | sort -u; exit 1; }
  grep -F "/$project.csproj]" "$log" | sed -nE "s/.*RS0016: Symbol '(.*)' is not part of the declared public API .*/\1/p" | sort -u \
    | { grep -vxFf "$project/PublicAPI.Shipped.txt" || true; } >> "$project/PublicAPI.Unshipped.txt"
done
git diff --stat -- '*/PublicAPI.Unshipped.txt'
