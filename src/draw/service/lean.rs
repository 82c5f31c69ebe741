//! Fixtures with less that is looked at in an answer.

use std::collections::{BTreeMap, BTreeSet};

use super::Drawn;
use crate::fixture::{ServiceExchange, ServiceStep};

/// Fixtures with less that is looked at in an answer, the plainest first.
#[must_use]
pub fn simpler(drawn: &Drawn) -> Vec<Drawn> {
    let mut found = Vec::new();
    let used: BTreeSet<_> = drawn.fixture.steps.iter().flat_map(uses).cloned().collect();
    for (at, step) in drawn.fixture.steps.iter().enumerate() {
        let ServiceStep::Exchange(exchange) = step else { continue };
        let mut with = |other: ServiceExchange| {
            let mut simpler = drawn.clone();
            if let Some(step) = simpler.fixture.steps.get_mut(at) {
                *step = ServiceStep::Exchange(Box::new(other));
            }
            found.push(simpler);
        };
        let bare = ServiceExchange {
            form: Vec::new(),
            capture: exchange.capture.clone().into_iter().filter(|(_, name)| used.contains(name)).collect(),
            ..(**exchange).clone()
        };
        if bare != **exchange {
            with(bare);
        }
        if exchange.form.len() > 1 {
            for form in &exchange.form {
                with(ServiceExchange { form: vec![*form], ..(**exchange).clone() });
            }
        }
        for member in exchange.capture.keys() {
            let mut less = (**exchange).clone();
            less.capture.retain(|other, name| other != member || used.contains(name));
            if less != **exchange {
                with(less);
            }
        }
        let others = [&exchange.same, &exchange.differs, &exchange.near];
        if others.iter().any(|names| !names.is_empty()) {
            with(ServiceExchange {
                same: BTreeMap::new(),
                differs: BTreeMap::new(),
                near: BTreeMap::new(),
                ..(**exchange).clone()
            });
        }
    }
    found
}

/// The names of what was captured that a step uses.
fn uses(step: &ServiceStep) -> Vec<&String> {
    let names = match step {
        ServiceStep::Exchange(exchange) => {
            let ServiceExchange { with, same, differs, near, .. } = &**exchange;
            vec![with, same, differs, near]
        }
        ServiceStep::AtOnce(step) => vec![&step.with],
        ServiceStep::Advance(_) => Vec::new(),
    };
    names.into_iter().flat_map(BTreeMap::values).collect()
}
