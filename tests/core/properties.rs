//! The properties over what proptest makes: failing cases shrink to something
//! readable. The fuzz targets call the same functions.

mod cases;
mod cost;
mod http1;
mod judge;
mod readers;
#[cfg(feature = "cli")]
mod results;
mod round_trips;
mod service;
mod values;
