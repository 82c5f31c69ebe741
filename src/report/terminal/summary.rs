//! What a run came to, in numbers.

use anstyle::Style;

use super::{BAD, DIM, GOOD, STRONG, WIDTH, line};
use crate::report::table::{Counts, Table};
use crate::report::text::{brief, wrapped};
use crate::results::{Levels, Record};

/// The numbers: a line a group for one client, a line a client for several;
/// then what each came to, in words.
#[must_use]
pub fn summary(records: &[Record]) -> String {
    let table = Table::new(records);
    let by_client: Vec<(_, Counts)> = table
        .by_client()
        .map(|(client, of)| (short(&client.to_string()), of.into_iter().collect()))
        .collect();
    let (title, rows): (_, Vec<_>) = match by_client.as_slice() {
        [(client, _)] => {
            let groups =
                table.groups.iter().flat_map(|group| group.counts(1).map(|of| (short(group.name), of)));
            (client.clone(), groups.collect())
        }
        _ => ("client".into(), by_client.clone()),
    };
    let width = rows.iter().map(|row| &row.0).chain([&title]).map(|text| text.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut out = String::new();
    let (failed, known) = (format!("{:-^11}", " failed "), format!("{:-^11}", " known "));
    line(&mut out, format_args!("{:<width$} {DIM}{:>6} {failed:>12} {known:>12}{DIM:#}", "", ""));
    line(
        &mut out,
        format_args!(
            "{STRONG}{title:<width$}{STRONG:#} {DIM}{:>6} {:>5} {:>6} {:>5} {:>6} {:>11} {:>9}{DIM:#}",
            "passed", "must", "should", "must", "should", "unsupported", "observed"
        ),
    );
    for (name, counts) in &rows {
        line(&mut out, format_args!("{name:<width$} {}", cells(counts)));
    }
    for (client, counts) in &by_client {
        out.push_str(&wrapped(&format!("{client}: {}", counts.headline()), "", WIDTH, 3));
    }
    out
}

fn cells(counts: &Counts) -> String {
    let Levels { must, should, may } = counts.unexpected;
    // Only the run of a broken adapter is unexpected at no level.
    let should = should + may;
    let cells = [
        number(counts.passed(), 6, GOOD),
        number(must, 5, BAD),
        number(should, 6, BAD),
        number(counts.known.must, 5, Style::new()),
        number(counts.known.should + counts.known.may, 6, Style::new()),
        number(counts.unsupported, 11, Style::new()),
        number(counts.observed, 9, Style::new()),
    ];
    cells.join(" ")
}

fn number(count: usize, width: usize, style: Style) -> String {
    match count {
        0 => format!("{DIM}{:>width$}{DIM:#}", "-"),
        count => format!("{style}{count:>width$}{style:#}"),
    }
}

/// A name that leaves room for the numbers on 80 columns.
fn short(name: &str) -> String {
    brief(name, 24)
}
