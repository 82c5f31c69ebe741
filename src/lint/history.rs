//! What a caller did before, as far as rules need it.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::{Options, Warning};
use crate::model::{Exception, Operation};
use crate::service::choices;

/// How many sets, calls and pages are remembered.
const REMEMBERED: usize = 256;

/// Within which time a call that was refused is repeated too soon: SDKs wait no
/// longer between attempts.
const SOON: SignedDuration = SignedDuration::from_secs(20);

/// After which time a call is not repeated any more.
const LATE: SignedDuration = SignedDuration::from_secs(60);

/// Within which time the same case is opened by mistake.
const SAME_CASE: SignedDuration = SignedDuration::from_mins(10);

/// A call as far as rules need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The operation.
    pub operation: Operation,
    /// The digest of its body.
    pub digest: u64,
    /// The set that it adds to or uses.
    pub set: Option<String>,
    /// The token of a page.
    pub token: Option<String>,
    /// The digests of the names of its files.
    pub names: Vec<u64>,
    /// When it came, by the system's clock.
    pub at: Timestamp,
}

/// What a call came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The status.
    pub status: u16,
    /// The error's code.
    pub code: Option<String>,
    /// The set that it made or added to, and its end.
    pub set: Option<(String, Timestamp)>,
    /// The token of the next page.
    pub token: Option<String>,
}

#[derive(Debug)]
struct Set {
    id: String,
    created: Timestamp,
    ends: Timestamp,
    names: Vec<u64>,
    is_used: bool,
    is_told: bool,
}

#[derive(Debug)]
struct Attempt {
    operation: Operation,
    digest: u64,
    count: u32,
    /// How often in a row it came faster than a list should be asked for.
    fast: u32,
    last: Timestamp,
    status: u16,
    code: Option<String>,
}

/// What a caller did before.
#[derive(Debug, Default)]
pub struct History {
    sets: VecDeque<Set>,
    attempts: VecDeque<Attempt>,
    /// The tokens that were given and not used, and when.
    tokens: VecDeque<(Operation, String, Timestamp)>,
}

impl History {
    /// What is wrong with a call before it is performed, at a time of its
    /// world's clock.
    pub fn before(&mut self, seen: &Seen, now: Timestamp, options: &Options) -> Vec<Warning> {
        let mut found = Vec::new();
        let mut warn = |rule: &str, message: String| {
            if options.has(rule) {
                found.push(Warning::new(rule, message));
            }
        };
        if let Some(set) = seen.set.as_ref().and_then(|id| self.sets.iter().find(|set| set.id == *id)) {
            let left = set.ends.duration_since(now);
            let margin = SignedDuration::try_from(options.margin).unwrap_or(SignedDuration::MAX);
            if left <= SignedDuration::ZERO {
                let past = left.abs().as_secs();
                warn(
                    "set/expired",
                    format!("the set {} ended {past} seconds ago; expiryTime said so", set.id),
                );
            } else if left <= margin {
                let left = left.as_secs();
                warn("set/near-end", format!("the set {} ends in {left} seconds: make a new one", set.id));
            }
            if seen.operation == Operation::AddAttachmentsToSet
                && seen.names.iter().any(|name| set.names.contains(name))
            {
                warn("name/duplicate", format!("the set {} has a file of that name already", set.id));
            }
        }
        if seen.operation == Operation::AddAttachmentsToSet && seen.set.is_none() && seen.names.len() == 1 {
            let is_alike =
                |set: &&Set| !set.is_used && set.names.len() == 1 && now.duration_since(set.created) < LATE;
            if self.sets.iter().filter(is_alike).count() >= 2 {
                let message = "three sets of one file each were made in a minute, and none was used in a case \
                               in between: a case takes one set, and a set three files";
                warn("set/one-file-each", message.into());
            }
        }
        if let Some(before) = self.attempts.iter_mut().find(|attempt| attempt.is_of(seen)) {
            let since = seen.at.duration_since(before.last);
            let code = before.code.as_deref().unwrap_or_default();
            if before.is_final() && since < SOON {
                warn(
                    "retry/unchanged",
                    format!(
                        "the call failed with {code}, and the same call was made again: it cannot succeed"
                    ),
                );
            }
            if seen.operation == Operation::CreateCase && before.status < 300 && since < SAME_CASE {
                let message = "a case with the same subject, text and set was opened already: \
                               look for it before a call is repeated";
                warn("case/duplicate", message.into());
            }
            let poll = SignedDuration::try_from(options.poll).unwrap_or(SignedDuration::MAX);
            let is_fast = seen.operation == Operation::DescribeCases && before.status < 300 && since < poll;
            before.fast = if is_fast { before.fast + 1 } else { 0 };
            if before.fast >= 2 {
                let poll = options.poll.as_secs_f64();
                warn(
                    "list/polled",
                    format!("the same list was asked for three times, each within {poll} seconds"),
                );
            }
        }
        found.extend(self.late(seen.at, now, options, |since| since > LATE));
        found
    }

    /// Notes what a call came to.
    pub fn after(&mut self, seen: Seen, outcome: Outcome, now: Timestamp) {
        if let Some((id, ends)) = outcome.set {
            match self.sets.iter_mut().find(|set| set.id == id) {
                Some(set) => set.names.extend(&seen.names),
                None => push(
                    &mut self.sets,
                    Set { id, created: now, ends, names: seen.names.clone(), is_used: false, is_told: false },
                ),
            }
        }
        let uses = matches!(seen.operation, Operation::CreateCase | Operation::AddCommunicationToCase);
        if let Some(set) = self.sets.iter_mut().find(|set| uses && seen.set.as_ref() == Some(&set.id)) {
            set.is_used = true;
        }
        self.tokens.retain(|(operation, token, _)| {
            *operation != seen.operation || seen.token.as_ref() != Some(token)
        });
        if let Some(token) = outcome.token {
            push(&mut self.tokens, (seen.operation, token, seen.at));
        }
        match self.attempts.iter_mut().find(|attempt| attempt.is_of(&seen)) {
            Some(attempt) => {
                attempt.count += 1;
                attempt.last = seen.at;
                attempt.status = outcome.status;
                attempt.code = outcome.code;
            }
            None => push(
                &mut self.attempts,
                Attempt {
                    operation: seen.operation,
                    digest: seen.digest,
                    count: 1,
                    fast: 0,
                    last: seen.at,
                    status: outcome.status,
                    code: outcome.code,
                },
            ),
        }
    }

    /// What is wrong by what did not happen, as if nothing more did.
    pub fn end(&mut self, at: Timestamp, now: Timestamp, options: &Options) -> Vec<Warning> {
        self.late(at, now, options, |_| true)
    }

    fn late(
        &mut self,
        at: Timestamp,
        now: Timestamp,
        options: &Options,
        is_late: impl Fn(SignedDuration) -> bool,
    ) -> Vec<Warning> {
        let mut found = Vec::new();
        let mut warn = |rule: &str, message: String| {
            if options.has(rule) {
                found.push(Warning::new(rule, message));
            }
        };
        for set in self.sets.iter_mut().filter(|set| set.ends <= now && !set.is_used && !set.is_told) {
            set.is_told = true;
            warn(
                "set/unused",
                format!("the set {} ended and was used in no case: its files reached nobody", set.id),
            );
        }
        for attempt in &mut self.attempts {
            if attempt.is_passing() && attempt.count == 1 && is_late(at.duration_since(attempt.last)) {
                // Said once.
                attempt.count = 2;
                let code = attempt.code.as_deref().unwrap_or_default();
                let operation = attempt.operation;
                warn(
                    "retry/missing",
                    format!("{operation} got {} {code}, and was not called again", attempt.status),
                );
            }
        }
        self.tokens.retain(|(operation, _, given)| {
            let is_over = is_late(at.duration_since(*given));
            if is_over {
                warn(
                    "list/next-token",
                    format!("{operation} gave a nextToken that was not used: the rest was not read"),
                );
            }
            !is_over
        });
        found
    }
}

impl Attempt {
    fn is_of(&self, seen: &Seen) -> bool {
        self.operation == seen.operation && self.digest == seen.digest
    }

    /// Whether the same call can only be refused again, for now.
    fn is_final(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        let is_known = Exception::from_code(code).is_some_and(|of| of != Exception::DryRunOperationException);
        self.status == 400
            && (is_known
                || [choices::INVALID_INPUT, "SerializationException", "LintException"].contains(&code))
    }

    /// Whether the same call can succeed in a moment.
    fn is_passing(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        self.status >= 500 || self.status == 429 || code.starts_with("Throttl")
    }
}

fn push<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() >= REMEMBERED {
        list.pop_front();
    }
    list.push_back(item);
}
