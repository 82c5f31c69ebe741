#!/usr/bin/env bash
# Builds every fuzz target into $OUT, as OSS-Fuzz and ClusterFuzzLite do. It
# also runs outside their image: SRC=.. OUT=/tmp/out .clusterfuzzlite/build.sh
set -euo pipefail
cd "$SRC/${PROJECT:-attachset}"
mkdir -p "$OUT"

# Their image has its own nightly as the default toolchain; elsewhere it must
# be asked for, and where there is none, the targets do without a sanitizer.
sanitizer=${SANITIZER:-address}
toolchain=()
if ! rustc --version | grep -q nightly; then
  if rustup toolchain list 2>/dev/null | grep -q ^nightly; then toolchain=(+nightly); else sanitizer=none; fi
fi
host=$(rustc -vV | sed -n 's/^host: //p')

# What is fuzzed with another target's inputs.
declare -A corpus_of=([sdk_response]=http1)

for dir in fuzz fuzz/differential; do
  target_dir=${CARGO_TARGET_DIR:-$PWD/$dir/target}
  cargo "${toolchain[@]}" fuzz build -O -s "$sanitizer" --fuzz-dir "$dir" --target-dir "$target_dir"
  if [ "$dir" = fuzz ]; then
    cargo "${toolchain[@]}" run --quiet --release --manifest-path fuzz/Cargo.toml \
      --target-dir "$target_dir/seeds" --example seeds -- "$OUT/seeds"
  fi
  for target in $(cargo "${toolchain[@]}" fuzz list --fuzz-dir "$dir"); do
    [ "$target" != yardstick ] || continue
    cp "$target_dir/$host/release/$target" "$OUT/"
    cp fuzz/json.dict "$OUT/$target.dict"
    inputs=()
    for inputs_dir in fuzz/corpus "$OUT/seeds"; do
      inputs_dir=$inputs_dir/${corpus_of[$target]:-$target}
      [ ! -d "$inputs_dir" ] || inputs+=("$inputs_dir")
    done
    [ ${#inputs[@]} = 0 ] || python3 - "$OUT/${target}_seed_corpus.zip" "${inputs[@]}" <<'PYTHON'
import pathlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as corpus:
    for folder in sys.argv[2:]:
        for file in sorted(pathlib.Path(folder).iterdir()):
            corpus.write(file, file.name)
PYTHON
  done
done
rm -rf "$OUT/seeds"
