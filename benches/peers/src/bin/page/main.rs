//! Writes the figures of this run, and of the last on each other kind of
//! processor, into `docs/performance.md`: what the benchmarks left in
//! CRITERION_HOME, and what `benches/run` found besides, which is read from
//! standard input. Without CRITERION_HOME it writes those that are kept.

mod figures;
mod run;
mod targets;

use std::fmt::Write as _;
use std::path::Path;

use figures::Figures;
use run::Run;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/performance.md");
const BEGIN: &str = "<!-- written by benches/run -->\n";
const END: &str = "<!-- end -->\n";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let Ok(home) = std::env::var("CRITERION_HOME") {
        let found = std::io::read_to_string(std::io::stdin())?;
        Run::of(&Figures::read(Path::new(&home), &found)).keep()?;
    }
    let runs = Run::kept()?;
    let mut out = String::from("\n");
    // Writing to a String cannot fail.
    for run in &runs {
        let Run { kind, processor, rustc, load, .. } = run;
        let _ = writeln!(out, "- {}: {processor}, {rustc}, with a load of {load} before.", kind.words());
    }
    out.push('\n');
    targets::table(&mut out, &runs);
    for table in &TABLES {
        table.write(&mut out, &runs);
    }

    let page = std::fs::read_to_string(PAGE)?;
    let (before, rest) = page.split_once(BEGIN).ok_or("the page has no place for figures")?;
    let (_, after) = rest.split_once(END).ok_or("the place for figures has no end")?;
    std::fs::write(PAGE, format!("{before}{BEGIN}{out}\n{END}{after}"))?;
    print!("{out}");
    Ok(())
}

/// A group, what is ours in it, and what it is measured against.
struct Table {
    group: &'static str,
    ours: &'static str,
    others: &'static [&'static str],
}

const TABLES: [Table; 6] = [
    Table { group: "encode", ours: "encode", others: &["copy", "serde_json"] },
    Table { group: "encode and sign", ours: "encode and sign", others: &["encode and SHA-256", "SDK"] },
    Table { group: "decode_request", ours: "decode", others: &["copy", "serde_json"] },
    Table { group: "decode_response", ours: "decode", others: &["serde_json"] },
    Table { group: "sign", ours: "sign", others: &["SHA-256"] },
    Table { group: "sign", ours: "verify", others: &["SHA-256"] },
];

impl Table {
    fn title(&self) -> String {
        let Self { group, ours, .. } = self;
        if group == ours || *ours == "decode" { (*group).into() } else { format!("{group}: {ours}") }
    }

    /// Times, and what the others take of them: the runs side by side.
    fn write(&self, out: &mut String, runs: &[Run]) {
        let title = self.title();
        let _ = write!(out, "\n### `{title}`\n\n| of |");
        for run in runs {
            let kind = run.kind.words();
            let _ = write!(out, " time, {kind} |");
            for other in self.others {
                let _ = write!(out, " {other} |");
            }
        }
        let _ = writeln!(out, "\n|---|{}", "---|".repeat(runs.len() * (1 + self.others.len())));
        let mut sizes: Vec<_> = runs.iter().filter_map(|run| run.times.get(&title)).flatten().collect();
        sizes.sort_by(|a, b| a.1.nanoseconds.total_cmp(&b.1.nanoseconds));
        let mut written = Vec::new();
        for (size, _) in sizes {
            if written.contains(&size) {
                continue;
            }
            written.push(size);
            let _ = write!(out, "| {size} |");
            for run in runs {
                let Some(time) = run.times.get(&title).and_then(|sizes| sizes.get(size)) else {
                    out.push_str(&" |".repeat(1 + self.others.len()));
                    continue;
                };
                let _ = write!(out, " {} |", duration(time.nanoseconds));
                for peer in &time.peers {
                    let _ = write!(out, " {} |", peer.map(|peer| format!("{peer:.2}")).unwrap_or_default());
                }
            }
            out.push('\n');
        }
    }
}

fn duration(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.1} µs", ns / 1e3),
        ns => format!("{:.2} ms", ns / 1e6),
    }
}
