//! What does no I/O: the codec, the oracle, the judge, the service and their properties.

mod codec;
#[path = "../common/mod.rs"]
mod common;
mod judge;
mod model;
mod oracle;
mod properties;
mod service;
