//! The figures of one run.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// The baseline of what ran with the system's allocator.
pub(crate) const SYSTEM: &str = "system";
/// The baseline of what ran with mimalloc.
pub(crate) const MIMALLOC: &str = "mimalloc";

/// Medians in nanoseconds by baseline and name, and the rates of `serve` and of
/// a search as parts of a bare handler's and a bare loop's.
pub(crate) struct Figures {
    medians: BTreeMap<(String, String), f64>,
    /// How many fixtures a pass over the suite runs.
    fixtures: Option<f64>,
    rates: BTreeMap<String, f64>,
    /// The memory of a whole run of `validate`.
    peak: Option<f64>,
}

impl Figures {
    pub(crate) fn read(home: &Path, found: &str) -> Self {
        let peak =
            found.lines().find_map(|line| line.strip_prefix("validate: peak memory in MB: ")?.parse().ok());
        let mut figures = Self { medians: BTreeMap::new(), fixtures: None, rates: rates(found), peak };
        figures.folder(home);
        figures
    }

    /// Reads `BENCHMARK/BASELINE/estimates.json`, however deep.
    fn folder(&mut self, dir: &Path) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            let json = |name| {
                std::fs::read(path.join(name)).ok().and_then(|text| serde_json::from_slice(&text).ok())
            };
            let (benchmark, estimates): (Option<Value>, Option<Value>) =
                (json("benchmark.json"), json("estimates.json"));
            if let (Some(benchmark), Some(estimates)) = (benchmark, estimates) {
                let name = benchmark["full_id"].as_str().unwrap_or_default();
                if name == "validate/suite" {
                    self.fixtures = benchmark["throughput"]["Elements"].as_f64();
                }
                let median = estimates["median"]["point_estimate"].as_f64();
                let baseline = entry.file_name().to_string_lossy().into_owned();
                self.medians.extend(median.map(|median| ((baseline, name.into()), median)));
            } else if path.is_dir() {
                self.folder(&path);
            }
        }
    }

    /// A median in nanoseconds.
    pub(crate) fn median(&self, baseline: &str, group: &str, function: &str, size: &str) -> Option<f64> {
        let name = [group, function, size].join("/");
        let name = name.trim_end_matches('/');
        self.medians.get(&(baseline.into(), name.into())).copied()
    }

    /// The sizes of a function in a group, shortest time first.
    pub(crate) fn sizes(&self, group: &str, function: &str) -> Vec<String> {
        let prefix = format!("{group}/{function}/");
        let ran = self.medians.iter().filter(|((baseline, _), _)| baseline == SYSTEM);
        let mut sizes: Vec<_> =
            ran.filter_map(|((_, name), median)| Some((name.strip_prefix(&prefix)?, *median))).collect();
        sizes.sort_by(|a, b| a.1.total_cmp(&b.1));
        sizes.into_iter().map(|(size, _)| size.into()).collect()
    }

    /// Fixtures in a pass over the suite.
    pub(crate) fn fixtures(&self) -> Option<f64> {
        self.fixtures
    }

    /// What `serve` answers, as a part of what a bare handler does.
    pub(crate) fn rate(&self, calls: &str) -> Option<f64> {
        self.rates.get(calls).copied()
    }

    /// The most memory that a run of `validate` had at once, in MB.
    pub(crate) fn peak(&self) -> Option<f64> {
        self.peak
    }
}

/// Lines such as `rate: small: 0.93 of the bare handler (limit 0.8)`, or of the
/// bare loop.
fn rates(found: &str) -> BTreeMap<String, f64> {
    let rate = |line: &str| {
        let (calls, rest) = line.strip_prefix("rate: ")?.split_once(": ")?;
        Some((calls.into(), rest.split_once(" of the bare ")?.0.parse().ok()?))
    };
    found.lines().filter_map(rate).collect()
}
