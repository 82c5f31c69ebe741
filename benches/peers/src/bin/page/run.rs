//! The figures of the last run on one kind of processor, as they are kept
//! between runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::figures::{Figures, MIMALLOC, SYSTEM};
use crate::{TABLES, targets};

/// Where each kind of processor has its last run.
const RUNS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../figures");

/// A run.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    pub(crate) kind: Kind,
    /// How many cores of which processor.
    pub(crate) processor: String,
    pub(crate) rustc: String,
    /// How many processes wanted to run before the benchmarks did.
    pub(crate) load: String,
    /// What each target came to, with the system's allocator and with mimalloc.
    pub(crate) targets: BTreeMap<String, [Option<f64>; 2]>,
    /// By table and size.
    pub(crate) times: BTreeMap<String, BTreeMap<String, Time>>,
}

/// How long something took, with the system's allocator.
#[derive(Serialize, Deserialize)]
pub(crate) struct Time {
    pub(crate) nanoseconds: f64,
    /// What each peer took of it, or how many times as long.
    pub(crate) peers: Vec<Option<f64>>,
}

/// What copies are made with: limits differ by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Avx512,
    Avx2,
    Other,
}

impl Kind {
    fn of_this_machine() -> Self {
        let has =
            |feature| cpuinfo("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == feature));
        match (has("avx512f"), has("avx2")) {
            (true, _) => Self::Avx512,
            (false, true) => Self::Avx2,
            (false, false) => Self::Other,
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Avx512 => "AVX-512",
            Self::Avx2 => "AVX2",
            Self::Other => "no AVX2",
        }
    }

    fn path(self) -> PathBuf {
        let name = match self {
            Self::Avx512 => "avx512.json",
            Self::Avx2 => "avx2.json",
            Self::Other => "other.json",
        };
        Path::new(RUNS).join(name)
    }
}

impl Run {
    /// The run whose figures these are, on this machine.
    pub(crate) fn of(figures: &Figures) -> Self {
        let of_target = |target: targets::Target| {
            let found = [SYSTEM, MIMALLOC].map(|baseline| (target.measure)(figures, baseline));
            (target.name, found)
        };
        let of_table = |table: &crate::Table| {
            let time = |size: String| Some((size.clone(), time(figures, table, &size)?));
            let sizes = figures.sizes(table.group, table.ours).into_iter();
            (table.title(), sizes.filter_map(time).collect())
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let model = cpuinfo("model name").unwrap_or_else(|| std::env::consts::ARCH.into());
        Self {
            kind: Kind::of_this_machine(),
            processor: format!("{cores} cores of {model}"),
            rustc: rustc(),
            load: std::env::var("LOAD_BEFORE").unwrap_or_default(),
            targets: targets::targets().into_iter().map(of_target).collect(),
            times: TABLES.iter().map(of_table).collect(),
        }
    }

    /// Keeps the run in place of the last one on its kind of processor.
    pub(crate) fn keep(&self) -> Result<(), Box<dyn std::error::Error>> {
        std::fs::create_dir_all(RUNS)?;
        Ok(std::fs::write(self.kind.path(), format!("{}\n", serde_json::to_string_pretty(self)?))?)
    }

    /// The last run on each kind of processor.
    pub(crate) fn kept() -> Result<Vec<Self>, Box<dyn std::error::Error>> {
        let mut runs = Vec::new();
        for kind in [Kind::Avx512, Kind::Avx2, Kind::Other] {
            if let Ok(text) = std::fs::read(kind.path()) {
                runs.push(serde_json::from_slice(&text)?);
            }
        }
        Ok(runs)
    }
}

fn time(figures: &Figures, table: &crate::Table, size: &str) -> Option<Time> {
    let median = |function| figures.median(SYSTEM, table.group, function, size);
    let nanoseconds = median(table.ours)?;
    let peers = table.others.iter().map(|other| median(other).map(|median| median / nanoseconds)).collect();
    Some(Time { nanoseconds, peers })
}

/// The first value of a field that Linux has of the processor.
fn cpuinfo(field: &str) -> Option<String> {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let value = |line: &str| Some(line.strip_prefix(field)?.split_once(':')?.1.trim().to_owned());
    cpuinfo.lines().find_map(value)
}

fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().into()).unwrap_or_default()
}
