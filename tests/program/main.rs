//! The harness and the program: what runs clients and servers, and what people read of it.

mod adapters;
mod catalog;
mod command_line;
#[path = "../common/mod.rs"]
mod common;
mod docs;
mod draw;
mod draw_service;
mod explain;
mod findings;
mod fixtures;
mod hostile;
mod one_fixture;
mod records;
mod replay;
mod reports;
mod rules;
mod runner;
mod serve;
mod signature;
mod sources;
mod suite;
