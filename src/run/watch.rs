//! Whether an adapter is broken, whatever it is asked.

use super::RunError;
use crate::transcript::Fault;

/// So many runs at the start that break the adapter protocol in the same way
/// show an adapter that is broken.
const BROKEN: usize = 10;

/// Watches for an adapter that is broken.
#[derive(Default)]
pub(super) struct Watch {
    /// How many runs there were.
    runs: usize,
    /// How many of them broke the protocol.
    broken: usize,
    /// How the first of them did.
    sort: String,
    /// Whether all of them did so.
    alike: bool,
    /// The fault that says most: what an adapter writes may come late.
    fault: Option<Fault>,
}

impl Watch {
    /// Takes the fault of a run, if it had one.
    ///
    /// # Errors
    /// If all of the first runs broke the protocol alike.
    pub(super) fn see(&mut self, fault: Option<&Fault>) -> Result<(), RunError> {
        self.runs += 1;
        let Some(fault @ Fault::Protocol { problem, stderr }) = fault else { return Ok(()) };
        self.broken += 1;
        let sort = sort(problem);
        if self.broken == 1 {
            (self.sort, self.alike) = (sort, true);
        } else {
            self.alike &= self.sort == sort;
        }
        if self.fault.is_none() || !stderr.trim().is_empty() {
            self.fault = Some(fault.clone());
        }
        if self.runs == BROKEN && self.alike { self.end() } else { Ok(()) }
    }

    /// Ends.
    ///
    /// # Errors
    /// Where every run broke the protocol.
    pub(super) fn end(&mut self) -> Result<(), RunError> {
        match self.fault.take_if(|_| self.broken == self.runs) {
            Some(fault) => Err(RunError::Broken { runs: self.runs, fault }),
            None => Ok(()),
        }
    }
}

/// A problem without what it quotes, and without numbers: these differ from call
/// to call.
fn sort(problem: &str) -> String {
    let unquoted: String = problem.replace("\\\"", "").split('"').step_by(2).collect();
    unquoted.replace(|c: char| c.is_ascii_digit(), "")
}
