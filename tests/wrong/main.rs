//! Wrong clients and wrong servers: each must be found by the fixture or the search that is there for it.

mod clients;
#[path = "../common/mod.rs"]
mod common;
mod servers;
