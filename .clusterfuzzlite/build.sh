#!/bin/bash -eu
# Not run by this project: see project.yaml. Builds every target with its corpus and its dictionary.
# The image names a nightly compiler of its own; rust-toolchain.toml names ours, which has the sanitizers anyway.
unset RUSTUP_TOOLCHAIN
export RUSTC_BOOTSTRAP=1
cargo fuzz build -O
for target in $(cargo fuzz list); do
    cp "target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
    zip -jqr "$OUT/${target}_seed_corpus.zip" "fixtures/corpora/$target"
    if [ -f "fuzz/dictionaries/$target.dict" ]; then cp "fuzz/dictionaries/$target.dict" "$OUT/"; fi
done
