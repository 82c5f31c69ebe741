#!/usr/bin/env bash
# Builds every fuzz target into $OUT, as OSS-Fuzz and ClusterFuzzLite do. It
# also runs outside their image: SRC=.. OUT=/tmp/out .clusterfuzzlite/build.sh
set -euo pipefail
cd "$SRC/${PROJECT:-attachset}"
mkdir -p "$OUT"

# Their image has its own nightly as the default toolchain; elsewhere it must
# be asked for.
toolchain=()
rustc --version | grep -q nightly || toolchain=(+nightly)
host=$(rustc -vV | sed -n 's/^host: //p')
target_dir=${CARGO_TARGET_DIR:-$PWD/fuzz/target}

cargo "${toolchain[@]}" fuzz build -O --target-dir "$target_dir"
cargo "${toolchain[@]}" run --quiet --release --manifest-path fuzz/Cargo.toml --target-dir "$target_dir/seeds" --example seeds -- "$OUT/seeds"

for target in $(cargo "${toolchain[@]}" fuzz list); do
  [ "$target" != yardstick ] || continue
  cp "$target_dir/$host/release/$target" "$OUT/"
  cp fuzz/json.dict "$OUT/$target.dict"
  corpus=()
  for dir in "fuzz/corpus/$target" "$OUT/seeds/$target"; do
    [ ! -d "$dir" ] || corpus+=("$dir")
  done
  [ ${#corpus[@]} = 0 ] || python3 - "$OUT/${target}_seed_corpus.zip" "${corpus[@]}" <<'PYTHON'
import pathlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as corpus:
    for folder in sys.argv[2:]:
        for file in sorted(pathlib.Path(folder).iterdir()):
            corpus.write(file, file.name)
PYTHON
done
rm -rf "$OUT/seeds"
