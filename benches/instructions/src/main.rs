//! How many instructions the codec takes, counted by callgrind: the same
//! number on every run, whatever else the machine does.
//!
//! What a path may take is in `counts/`, a file for each kind of processor;
//! at a tenth more this program fails. Decoding twice the input must take
//! about twice as many, whatever the input.

mod counts;
mod families;
mod paths;
mod valgrind;

use std::process::ExitCode;

use counts::Recorded;

/// A piece of work to count, with its input made before.
struct Work {
    name: String,
    run: Box<dyn Fn()>,
}

/// Given to this program under callgrind: do the work.
const WORK: &str = "--work";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [WORK] => {
            for work in work() {
                // What is set up on first use is not counted.
                (work.run)();
                valgrind::count_one(&work.run);
            }
            println!("{}", counts::processor());
            Ok(())
        }
        [] => check(),
        ["--record"] => count().and_then(|counted| counted.write()),
        _ => Err("usage: run [--record]".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn work() -> Vec<Work> {
    paths::all().into_iter().chain(families::all()).collect()
}

fn count() -> Result<Recorded, String> {
    let (processor, counts) = valgrind::count(WORK)?;
    let names = work().into_iter().map(|work| work.name).collect::<Vec<_>>();
    if names.len() != counts.len() {
        return Err(format!("{} counts for {} pieces of work", counts.len(), names.len()));
    }
    Recorded::new(processor, names.into_iter().zip(counts).collect())
}

fn check() -> Result<(), String> {
    let counted = count()?;
    let mut problems = families::problems(&counted.counts);
    match Recorded::read(&counted.processor)? {
        Some(recorded) => problems.extend(counted.more_than(&recorded)),
        None => {
            println!("nothing is recorded for {}: run with --record to compare later", counted.processor);
        }
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems.join("\n")),
    }
}
