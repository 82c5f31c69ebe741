//! The page of a report, clicked through in Chromium. Where there is none, the
//! tests are reported as ignored; with ATTACHSET_MUST_RUN, which CI sets, they
//! fail.
//! ATTACHSET_PICTURES names a folder for pictures of it, and ATTACHSET_RESULTS a
//! results file to use in place of the sample.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod browser;

use std::path::{Path, PathBuf};

use attachset::fixture::Set;
use attachset::report::{Report, html, ndjson};
use attachset::results::merge;
use browser::Browser;
use libtest_mimic::{Arguments, Trial};

fn main() -> std::process::ExitCode {
    let is_here = Browser::find().is_some();
    if !is_here && std::env::var_os("ATTACHSET_MUST_RUN").is_some() {
        eprintln!(
            "there is no Chromium, and ATTACHSET_MUST_RUN is set: install it, so that the page is tested"
        );
        return std::process::ExitCode::FAILURE;
    }
    let test = |name: &str, test: fn(&mut Browser)| {
        let run = move || {
            let mut browser = Browser::start();
            test(&mut browser);
            assert_eq!(browser.errors, [""; 0]);
            Ok(())
        };
        let kind = if is_here { "" } else { "there is no Chromium" };
        Trial::test(name, run).with_ignored_flag(!is_here).with_kind(kind)
    };
    let tests = vec![
        test("the_page_can_be_clicked_through", the_page_can_be_clicked_through),
        test("the_page_fits_a_phone_and_a_dark_room", the_page_fits_a_phone_and_a_dark_room),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn data(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data")).join(name)
}

/// The page, and the key of a client, a finding and a fixture that are on it.
fn page(dir: &Path) -> (PathBuf, [String; 3]) {
    let file = std::env::var_os("ATTACHSET_RESULTS").map(PathBuf::from);
    let set = if file.is_some() { Set::embedded() } else { Set::from_dir(&data("")) }.unwrap();
    let bytes = std::fs::read(file.unwrap_or_else(|| data("results-sample.ndjson"))).unwrap();
    let records = merge([(String::new(), ndjson::read(&bytes).0)]).records;
    let report = Report::new(&records, &set.requirements, &[]);
    let path = dir.join("page.html");
    std::fs::write(&path, html::render(&report).unwrap()).unwrap();
    let (client, of) = report.table.by_client().next().unwrap();
    let finding = attachset::findings::findings(of).remove(0);
    let fixture = finding.records().next().unwrap().fixture.clone();
    (path, [report.table.key(client), finding.id.to_string(), fixture])
}

const IS_OPEN: &str = "document.getElementById('detail').open";

#[track_caller]
fn shows(browser: &mut Browser, title: &str) {
    browser.wait(&format!(
        "{IS_OPEN} && document.getElementById('detail-title').textContent.startsWith({title:?})"
    ));
}

fn the_page_can_be_clicked_through(browser: &mut Browser) {
    let dir = tempfile::tempdir().unwrap();
    let (page, [client, finding, fixture]) = page(dir.path());
    browser.look(1400, 900, "light");

    // It opens on the findings; a click on one opens it, across clients.
    browser.open(&page, "");
    browser.wait("!document.getElementById('findings').hidden && document.getElementById('fixtures').hidden");
    let load = browser.value("performance.timing.loadEventEnd - performance.timing.navigationStart");
    eprintln!("{} bytes, loaded in {load} ms", std::fs::metadata(&page).unwrap().len());
    browser.picture("findings");
    browser.click("tr.finding .id a");
    browser.wait(IS_OPEN);
    let first = browser.value("decodeURIComponent(location.hash.slice(1))");
    shows(browser, first.as_str().unwrap());
    browser.wait("document.querySelector('#sheet .pair dd').textContent !== ''");
    browser.picture("finding");

    // From there to a fixture, back, and out again, to where it was.
    browser.click("#sheet .by[open] .id");
    browser.wait(
        "document.querySelector('#sheet figure, #sheet p') !== null && location.hash.split('/').length === 3",
    );
    browser.picture("fixture");
    browser.value("history.back()");
    shows(browser, first.as_str().unwrap());
    browser.press("Escape", 27);
    browser.wait(&format!("!{IS_OPEN} && location.hash === ''"));
    browser.wait("document.activeElement.closest('tr.finding') !== null");

    // The matrix is a click away, with its filters and cells.
    browser.click("nav.views a[href='#fixtures']");
    browser.wait("document.getElementById('findings').hidden && !document.getElementById('fixtures').hidden");
    browser.picture("fixtures");
    browser.click("#query");
    browser.call("Input.insertText", serde_json::json!({ "text": fixture.as_str() }));
    browser.wait(
        "[...document.querySelectorAll('tr.fixture')].filter((row) => row.checkVisibility()).length >= 1",
    );
    browser.wait("document.getElementById('shown').textContent.includes(' of ')");
    browser.click("tr.fixture:not([hidden]) td > button");
    browser.wait(IS_OPEN);
    browser.click("#sheet nav .close");
    browser.wait(&format!("!{IS_OPEN} && location.hash === '#fixtures'"));

    // Each has an address.
    browser.open(&page, &format!("#{finding}"));
    shows(browser, &finding);
    browser.open(&page, &format!("#{client}/{finding}"));
    shows(browser, &finding);
    browser.wait(&format!(
        "document.querySelector('#sheet .by[open] summary').textContent.startsWith({client:?}.split('@')[0])"
    ));
    browser.open(&page, &format!("#{fixture}"));
    shows(browser, &fixture);
    browser.open(&page, &format!("#{client}/{fixture}"));
    shows(browser, &fixture);
    browser.open(&page, "#no/such/place");
    browser.wait(&format!("!{IS_OPEN}"));
}

fn the_page_fits_a_phone_and_a_dark_room(browser: &mut Browser) {
    let dir = tempfile::tempdir().unwrap();
    let (page, [_, finding, _]) = page(dir.path());
    for (name, width, height, scheme) in [("phone", 390, 844, "light"), ("dark", 1400, 900, "dark")] {
        browser.look(width, height, scheme);
        for (view, place) in
            [("findings", ""), ("fixtures", "#fixtures"), ("finding", &format!("#{finding}"))]
        {
            browser.open(&page, place);
            browser.picture(&format!("{name}-{view}"));
            // What is wider than the screen scrolls in its frame.
            browser.wait("document.documentElement.scrollWidth <= innerWidth");
        }
    }
    let colour = browser.value("getComputedStyle(document.body).backgroundColor");
    assert_eq!(colour, "rgb(18, 21, 23)", "the dark page");
}
