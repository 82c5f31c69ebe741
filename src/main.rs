//! The command line of attachset.

fn main() {}
