//! The targets, and whether they are met.

use std::fmt::Write as _;

use crate::figures::{Figures, MIMALLOC, SYSTEM};

enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// Something to compare with.
    Free,
}
use Bound::{AtLeast, AtMost, Free};

/// What is looked at, as a figure of one run with one allocator.
type Measure = Box<dyn Fn(&Figures, &str) -> Option<f64>>;

/// The table of targets. What a target has no figure for says so.
pub(crate) fn table(out: &mut String, figures: &Figures) {
    out.push_str("| target | | system allocator | mimalloc |\n|---|---|---|---|\n");
    for (name, bound, measure) in targets() {
        let limit = match bound {
            AtMost(limit) => format!("at most {limit}"),
            AtLeast(limit) => format!("at least {limit}"),
            Free => String::new(),
        };
        let cell = |baseline| {
            let Some(figure) = measure(figures, baseline) else { return String::new() };
            let met = match bound {
                AtMost(limit) => figure <= limit,
                AtLeast(limit) => figure >= limit,
                Free => true,
            };
            let digits = if figure < 100.0 { 2 } else { 0 };
            format!("{figure:.digits$}{}", if met { "" } else { ", **not met**" })
        };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| {name} | {limit} | {} | {} |", cell(SYSTEM), cell(MIMALLOC));
    }
}

fn targets() -> Vec<(String, Bound, Measure)> {
    const UPLOAD: &str = "3 x 5 MiB";
    let mut targets: Vec<(String, Bound, Measure)> = vec![
        (
            format!("encode {UPLOAD}: times a copy of the body"),
            AtMost(1.5),
            ratio("encode", "encode", "copy", UPLOAD),
        ),
        (
            format!("encode and sign {UPLOAD}: times faster than the SDK's send"),
            AtLeast(1.25),
            ratio("encode and sign", "SDK", "encode and sign", UPLOAD),
        ),
        (
            format!("encode and sign {UPLOAD}: times encoding and SHA-256"),
            AtMost(1.15),
            ratio("encode and sign", "encode and sign", "encode and SHA-256", UPLOAD),
        ),
        (
            format!("decode_request {UPLOAD}: times a copy of the body"),
            AtMost(4.0),
            ratio("decode_request", "decode", "copy", UPLOAD),
        ),
    ];
    for form in ["success", "error in __type", "error in code", "error in the header"] {
        targets.push((
            format!("decode_response, {form}: times `serde_json::from_slice::<Value>`"),
            AtMost(1.3),
            ratio("decode_response", "decode", "serde_json", form),
        ));
    }
    for function in ["encode", "decode", "copy"] {
        let per_byte = move |figures: &Figures, baseline: &str| {
            let at = |size| figures.median(baseline, "length", function, size);
            Some(at("64 MiB")? / at("1 MiB")? / 64.0)
        };
        let bound = if function == "copy" { Free } else { AtMost(1.5) };
        targets.push((
            format!("{function} 64 MiB: times the time for a byte of 1 MiB"),
            bound,
            Box::new(per_byte),
        ));
    }
    targets.push((
        "validate: times a bare loop".into(),
        AtMost(1.5),
        ratio("validate", "harness", "bare loop", ""),
    ));
    targets.push((
        "validate: times a bare loop that starts a server for each call".into(),
        Free,
        ratio("validate", "harness", "bare loop, a server each", ""),
    ));
    targets.push((
        "validate: fixtures a second, waits excluded".into(),
        AtLeast(100.0),
        Box::new(|figures, baseline| {
            let time = figures.median(baseline, "validate", "suite", "")?;
            Some(figures.fixtures()? * 1e9 / time)
        }),
    ));
    let rates = [
        ("small", "serve, small calls: of a bare axum handler".to_owned(), 0.8),
        ("upload", format!("serve, {UPLOAD}: of a bare axum handler"), 0.8),
        ("search", "fuzz --server: of a bare reqwest loop".into(), 0.5),
    ];
    for (of, name, limit) in rates {
        let rate = move |figures: &Figures, baseline: &str| figures.rate(of).filter(|_| baseline == MIMALLOC);
        targets.push((name, AtLeast(limit), Box::new(rate)));
    }
    targets
}

/// One median over another.
fn ratio(group: &'static str, over: &'static str, under: &'static str, size: &'static str) -> Measure {
    Box::new(move |figures, baseline| {
        Some(figures.median(baseline, group, over, size)? / figures.median(baseline, group, under, size)?)
    })
}
