//! Writes the figures of the last run into `docs/performance.md`: what the
//! benchmarks left in CRITERION_HOME, and what the one of `serve` printed,
//! which is read from standard input.

mod figures;
mod targets;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use figures::{Figures, SYSTEM};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/performance.md");
const BEGIN: &str = "<!-- written by benches/run -->\n";
const END: &str = "<!-- end -->\n";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let home = std::env::var("CRITERION_HOME")?;
    let serve = std::io::read_to_string(std::io::stdin())?;
    let figures = Figures::read(Path::new(&home), &serve);

    let mut out = format!("\nOn {}, {}{}.\n\n", processor(), rustc(), load());
    targets::table(&mut out, &figures);
    for (title, ours, others) in TABLES {
        table(&mut out, &figures, title, ours, others);
    }

    let page = std::fs::read_to_string(PAGE)?;
    let (before, rest) = page.split_once(BEGIN).ok_or("the page has no place for figures")?;
    let (_, after) = rest.split_once(END).ok_or("the place for figures has no end")?;
    std::fs::write(PAGE, format!("{before}{BEGIN}{out}\n{END}{after}"))?;
    print!("{out}");
    Ok(())
}

/// A group, what is ours in it, and what it is measured against.
const TABLES: [(&str, &str, &[&str]); 6] = [
    ("encode", "encode", &["copy", "serde_json"]),
    ("encode and sign", "encode and sign", &["encode and SHA-256", "SDK"]),
    ("decode_request", "decode", &["copy", "serde_json"]),
    ("decode_response", "decode", &["serde_json"]),
    ("sign", "sign", &["SHA-256"]),
    ("sign", "verify", &["SHA-256"]),
];

/// Times, and what the others take of them.
fn table(out: &mut String, figures: &Figures, group: &str, ours: &str, others: &[&str]) {
    let title = if group == ours || ours == "decode" { group.into() } else { format!("{group}: {ours}") };
    let columns = others.iter().map(|other| format!(" {other} |")).collect::<String>();
    // Writing to a String cannot fail.
    let _ =
        writeln!(out, "\n### `{title}`\n\n| of | time |{columns}\n|---|---|{}", "---|".repeat(others.len()));
    for size in figures.sizes(group, ours) {
        let Some(time) = figures.median(SYSTEM, group, ours, &size) else { continue };
        let ratio = |other: &&str| match figures.median(SYSTEM, group, other, &size) {
            Some(other) => format!(" {:.2} |", other / time),
            None => " |".into(),
        };
        let _ =
            writeln!(out, "| {size} | {} |{}", duration(time), others.iter().map(ratio).collect::<String>());
    }
}

fn duration(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.1} µs", ns / 1e3),
        ns => format!("{:.2} ms", ns / 1e6),
    }
}

fn processor() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores of {}", model.map_or(std::env::consts::ARCH, |(_, model)| model.trim()))
}

/// How many processes wanted to run before the benchmarks did.
fn load() -> String {
    std::env::var("LOAD_BEFORE")
        .map_or_else(|_| String::new(), |load| format!(", with a load of {load} before"))
}

fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().into()).unwrap_or_default()
}
