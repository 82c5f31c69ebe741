//! The targets, and whether they are met.

use std::fmt::Write as _;

use crate::figures::{Figures, MIMALLOC};
use crate::run::{Kind, Run};

enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// Something to compare with.
    Free,
}
use Bound::{AtLeast, AtMost, Free};

/// What is looked at, as a figure of one run with one allocator.
type Measure = Box<dyn Fn(&Figures, &str) -> Option<f64>>;

pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) measure: Measure,
    /// What it may be, on a kind of processor.
    bound: fn(Kind) -> Bound,
}

impl Target {
    fn new(name: impl Into<String>, bound: fn(Kind) -> Bound, measure: Measure) -> Self {
        Self { name: name.into(), measure, bound }
    }
}

/// The table of targets, the runs side by side.
pub(crate) fn table(out: &mut String, runs: &[Run]) {
    out.push_str("| target | |");
    for run in runs {
        let kind = run.kind.words();
        // Writing to a String cannot fail.
        let _ = write!(out, " {kind}, system allocator | {kind}, mimalloc |");
    }
    let _ = writeln!(out, "\n|---|---|{}", "---|---|".repeat(runs.len()));
    for target in targets() {
        let limits = runs.iter().map(|run| limit(&(target.bound)(run.kind), run.kind));
        let mut limits: Vec<_> = limits.collect();
        if limits.iter().all(|(limit, _)| Some(limit) == limits.first().map(|(limit, _)| limit)) {
            limits.truncate(1);
        }
        let limit = match limits.as_slice() {
            [(limit, _)] => limit.clone(),
            limits => {
                let each: Vec<_> =
                    limits.iter().map(|(limit, kind)| format!("{limit} with {kind}")).collect();
                each.join(", ")
            }
        };
        let _ = write!(out, "| {} | {limit} |", target.name);
        for run in runs {
            let found = run.targets.get(&target.name).copied().unwrap_or_default();
            for figure in found {
                let cell = figure.map(|figure| cell(figure, &(target.bound)(run.kind))).unwrap_or_default();
                let _ = write!(out, " {cell} |");
            }
        }
        out.push('\n');
    }
}

fn limit(bound: &Bound, kind: Kind) -> (String, &'static str) {
    let limit = match bound {
        AtMost(limit) => format!("at most {limit}"),
        AtLeast(limit) => format!("at least {limit}"),
        Free => String::new(),
    };
    (limit, kind.words())
}

fn cell(figure: f64, bound: &Bound) -> String {
    let met = match bound {
        AtMost(limit) => figure <= *limit,
        AtLeast(limit) => figure >= *limit,
        Free => true,
    };
    let digits = if figure < 100.0 { 2 } else { 0 };
    format!("{figure:.digits$}{}", if met { "" } else { ", **not met**" })
}

pub(crate) fn targets() -> Vec<Target> {
    const UPLOAD: &str = "3 x 5 MiB";
    let mut targets = vec![
        Target::new(
            format!("encode {UPLOAD}: times a copy of the body"),
            // The encoder has AVX2; such a copy is twice as fast.
            |kind| AtMost(if kind == Kind::Avx512 { 1.9 } else { 1.5 }),
            ratio("encode", "encode", "copy", UPLOAD),
        ),
        Target::new(
            format!("encode and sign {UPLOAD}: times faster than the SDK's send"),
            |_| AtLeast(1.25),
            ratio("encode and sign", "SDK", "encode and sign", UPLOAD),
        ),
        Target::new(
            format!("encode and sign {UPLOAD}: times encoding and SHA-256"),
            |_| AtMost(1.15),
            ratio("encode and sign", "encode and sign", "encode and SHA-256", UPLOAD),
        ),
        Target::new(
            format!("decode_request {UPLOAD}: times a copy of the body"),
            |_| AtMost(4.0),
            ratio("decode_request", "decode", "copy", UPLOAD),
        ),
    ];
    for form in ["success", "error in __type", "error in code", "error in the header"] {
        targets.push(Target::new(
            format!("decode_response, {form}: times `serde_json::from_slice::<Value>`"),
            |_| AtMost(1.3),
            ratio("decode_response", "decode", "serde_json", form),
        ));
    }
    let growth = |figures: &Figures, baseline: &str, function| {
        let at = |size| figures.median(baseline, "length", function, size);
        Some(at("64 MiB")? / at("1 MiB")? / 64.0)
    };
    for function in ["encode", "decode"] {
        targets.push(Target::new(
            format!("{function}: how the time for a byte grows from 1 MiB to 64 MiB, times a copy's growth"),
            |_| AtMost(1.5),
            Box::new(move |figures, baseline| {
                Some(growth(figures, baseline, function)? / growth(figures, baseline, "copy")?)
            }),
        ));
    }
    targets.push(Target::new(
        "copy: how the time for a byte grows from 1 MiB to 64 MiB",
        |_| Free,
        Box::new(move |figures, baseline| growth(figures, baseline, "copy")),
    ));
    targets.push(Target::new(
        "validate: times a bare loop that starts a server for each call",
        |_| AtMost(1.25),
        ratio("validate", "harness", "bare loop, a server each", ""),
    ));
    targets.push(Target::new(
        "validate: times a bare loop on one server",
        |_| Free,
        ratio("validate", "harness", "bare loop", ""),
    ));
    targets.push(Target::new(
        "validate: fixtures a second, waits excluded",
        |_| AtLeast(100.0),
        Box::new(|figures, baseline| {
            let time = figures.median(baseline, "validate", "suite", "")?;
            Some(figures.fixtures()? * 1e9 / time)
        }),
    ));
    targets.push(Target::new(
        "validate: memory at its peak, in MB",
        |_| AtMost(150.0),
        Box::new(|figures, baseline| figures.peak().filter(|_| baseline == MIMALLOC)),
    ));
    let served: fn(Kind) -> Bound = |_| AtLeast(0.8);
    let rates = [
        ("small", "serve, small calls: of a bare axum handler".to_owned(), served),
        ("upload", format!("serve, {UPLOAD}: of a bare axum handler"), served),
        ("search", "fuzz --server: of a bare reqwest loop".into(), |_| AtLeast(0.5)),
    ];
    for (of, name, limit) in rates {
        let rate = move |figures: &Figures, baseline: &str| figures.rate(of).filter(|_| baseline == MIMALLOC);
        targets.push(Target::new(name, limit, Box::new(rate)));
    }
    targets
}

/// One median over another.
fn ratio(group: &'static str, over: &'static str, under: &'static str, size: &'static str) -> Measure {
    Box::new(move |figures, baseline| {
        Some(figures.median(baseline, group, over, size)? / figures.median(baseline, group, under, size)?)
    })
}
