//! Servers that come and go by the thousand do not use up the system's ports.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;

use attachset::fixture::Set;
use attachset::replay::Replay;
use attachset::runner::credentials;

#[test]
fn a_port_comes_again_only_after_many_others() {
    let fixtures = Set::embedded().unwrap().client;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let start = |fixture| runtime.block_on(Replay::start(fixture, credentials(fixture))).unwrap();
    let ports: Vec<u16> = fixtures.iter().map(|fixture| start(fixture).address().port()).collect();
    assert_eq!(ports.iter().collect::<HashSet<_>>().len(), ports.len());
    // Those from which systems choose for clients are left to clients.
    assert!(ports.iter().all(|port| (20_000..32_768).contains(port)), "{ports:?}");
}
