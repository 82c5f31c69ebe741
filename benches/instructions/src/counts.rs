//! What was counted, and what was recorded.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Counts, and what they hold for.
pub(crate) struct Recorded {
    pub(crate) processor: String,
    /// The compiler and the counter, in their own words.
    tools: String,
    pub(crate) counts: Vec<(String, u64)>,
}

impl Recorded {
    pub(crate) fn new(processor: String, counts: Vec<(String, u64)>) -> Result<Self, String> {
        let tools = format!("{}, {}", version("rustc")?, version("valgrind")?);
        Ok(Self { processor, tools, counts })
    }

    /// None where nothing is recorded for the processor.
    pub(crate) fn read(processor: &str) -> Result<Option<Self>, String> {
        let path = path(processor);
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut lines = text.lines();
        let tools = lines.next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default().into();
        let count = |line: &str| {
            let (count, name) = line.trim_start().split_once("  ")?;
            Some((name.into(), count.parse().ok()?))
        };
        let counts = lines.map(|line| count(line).ok_or_else(|| format!("{}: {line}", path.display())));
        Ok(Some(Self { processor: processor.into(), tools, counts: counts.collect::<Result<_, _>>()? }))
    }

    pub(crate) fn write(&self) -> Result<(), String> {
        let mut text = format!("# {}\n", self.tools);
        for (name, count) in &self.counts {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{count:>9}  {name}");
        }
        let path = path(&self.processor);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Prints what has changed; gives what takes a tenth more than recorded.
    pub(crate) fn more_than(&self, recorded: &Self) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, count) in &self.counts {
            match recorded.counts.iter().find(|(other, _)| other == name) {
                Some((_, before)) if count * 10 > before * 11 => {
                    problems.push(format!("{name}: {count} instructions, {before} recorded"));
                }
                Some((_, before)) => println!("{name}: {count} ({before})"),
                None => problems.push(format!("{name}: {count} instructions, none recorded")),
            }
        }
        if !problems.is_empty() {
            if self.tools != recorded.tools {
                problems.push(format!("recorded with {}; this is {}", recorded.tools, self.tools));
            }
            problems.push(
                "where there is a good reason, say it in the commit and record: \
                 benches/instructions/run --record"
                    .into(),
            );
        }
        problems
    }
}

/// What the codec's instructions depend on, as it sees it under callgrind.
pub(crate) fn processor() -> String {
    let arch = std::env::consts::ARCH;
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        return format!("{arch}-avx2");
    }
    arch.into()
}

fn path(processor: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("counts").join(format!("{processor}.txt"))
}

fn version(program: &str) -> Result<String, String> {
    let output = Command::new(program).arg("--version").output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().into())
}
