//! The committed corpus, replayed: what a fuzzer once found interesting is
//! tried on every machine, with a stable compiler and without a fuzzer.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "the last line of a failed test names the input")]

use std::fs;
use std::path::Path;

use attachset::property;

const MOST: u64 = 64 << 10;

#[test]
fn every_input_keeps_its_property() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus"));
    for (target, property) in property::TARGETS {
        let files = fs::read_dir(corpus.join(target)).unwrap().map(|entry| entry.unwrap().path());
        let mut replayed = 0;
        for path in files {
            let bytes = fs::read(&path).unwrap();
            assert!(bytes.len() as u64 <= MOST, "{} is too long to keep", path.display());
            println!("{}", path.display());
            property(&bytes);
            replayed += 1;
        }
        assert!(replayed > 0, "{target} has no corpus");
    }
}

#[test]
fn only_targets_that_take_bytes_keep_a_corpus() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus");
    for entry in fs::read_dir(corpus).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(property::TARGETS.iter().any(|(target, _)| *target == name), "{name} is no such target");
    }
}
