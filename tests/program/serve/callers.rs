//! Who may call: no web page.

use attachset::serve::{Options, Server, test_credentials};
use attachset::wire::{Headers, Request};

use super::http::Connection;
use super::{error, input, outcome, request};

/// A request with a header in the place of others of its name.
fn with(mut request: Request, name: &str, value: &str) -> Request {
    let others = request.headers.iter().filter(|(other, _)| !other.eq_ignore_ascii_case(name));
    let mut headers: Headers = others.collect();
    headers.push(name, value);
    request.headers = headers;
    request
}

fn control(method: &str, path: &str, content_type: &str, body: &str) -> Request {
    Request {
        method: method.into(),
        target: format!("/_attachset/{path}"),
        headers: Headers::from_iter([
            ("Host", "localhost"),
            ("Content-Type", content_type),
            ("Content-Length", &body.len().to_string()),
        ]),
        body: body.into(),
    }
}

/// Every kind of request that there is.
fn all() -> Vec<Request> {
    vec![
        request(&input(None, &[1])),
        control("GET", "health", "application/json", ""),
        control("GET", "state", "application/json", ""),
        control("DELETE", "state", "application/json", ""),
        control("GET", "data/as-1/0", "application/json", ""),
        control("POST", "clock", "application/json", r#"{"advanceSeconds": 9}"#),
        control("POST", "next", "application/json", r#"{"exception": "InternalServerError"}"#),
        control("GET", "nothing", "application/json", ""),
    ]
}

#[track_caller]
fn statuses(server: &Server, header: &str, value: &str) -> Vec<u16> {
    let mut connection = Connection::new(server.address());
    all().into_iter().map(|request| connection.ask(&with(request, header, value)).status).collect()
}

/// A page whose name was made to stand for this machine sends that name.
#[test]
fn only_this_servers_own_names_are_served() {
    let hosts = vec!["attachset.internal".to_owned(), "[fd00::1]:9".into()];
    // The AWS documents' key is known to everybody.
    let verify = Some(test_credentials());
    let server = Server::with(Options { hosts, verify, ..Options::default() }).unwrap();
    let foreign = [
        "evil.example",
        "evil.example:8013",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "0.0.0.0",
        "[::2]",
        "notlocalhost",
        "localhost@evil.example",
        "evil.example@localhost",
        "evil.example#localhost",
        "",
        "a b",
    ];
    for host in foreign {
        let seen = statuses(&server, "Host", host);
        assert!(seen.iter().all(|status| [400, 403].contains(status)), "{host:?}: {seen:?}");
    }
    assert_eq!(server.state().next, []);
    assert_eq!(server.clock().ahead(), jiff::SignedDuration::ZERO);
    for host in [
        "localhost",
        "LocalHost:1",
        "localhost.",
        "support.localhost",
        "127.0.0.1",
        "127.9.9.9:8013",
        "[::1]:8013",
        "Attachset.Internal:80",
        "[fd00::1]",
    ] {
        let seen = statuses(&server, "Host", host);
        assert!(seen.iter().all(|status| *status != 403), "{host:?}: {seen:?}");
        server.reset();
    }
}

#[test]
fn a_refusal_says_what_to_do() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let refused = connection.ask(&with(request(&input(None, &[1])), "Host", "attachset.internal"));
    let refused = outcome(&refused).unwrap_err();
    assert_eq!((refused.code.unwrap(), refused.status), error("AccessDeniedException", 403));
    assert!(refused.message.unwrap().contains("--allow-host"));
    let long = "a".repeat(20_000);
    let refused = connection.ask(&with(request(&input(None, &[1])), "Host", &long));
    assert!(refused.status == 403 && refused.body.len() < 2_000, "{}", refused.body.len());
}

/// The authority of an absolute target stands for the host.
#[test]
fn the_authority_of_the_target_must_be_a_known_name_too() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let absolute = |authority: &str| {
        let request = request(&input(None, &[1]));
        Request { target: format!("http://{authority}/"), ..request }
    };
    assert_eq!(connection.ask(&absolute("localhost")).status, 200);
    assert_eq!(connection.ask(&absolute("evil.example")).status, 403);
}

#[test]
fn no_page_of_another_origin_is_served() {
    let server = Server::start().unwrap();
    for (header, value) in [
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
        ("Origin", ""),
        ("Origin", "http://localhost:3000"),
        ("Origin", "localhost"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        let seen = statuses(&server, header, value);
        assert!(seen.iter().all(|status| *status == 403), "{header}: {value}: {seen:?}");
    }
    let state = server.state();
    assert_eq!((state.sets, state.next), (vec![], vec![]));
    assert_eq!(server.clock().ahead(), jiff::SignedDuration::ZERO);
    for (header, value) in
        [("Origin", "http://localhost"), ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "none")]
    {
        assert!(statuses(&server, header, value).iter().all(|status| *status != 403), "{header}: {value}");
    }
}

/// A page can send a form or plain text without asking first.
#[test]
fn control_takes_json_alone() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let post = |content_type| {
        [
            control("POST", "clock", content_type, r#"{"advanceSeconds": 9}"#),
            control("POST", "next", content_type, r#"{"exception": "InternalServerError"}"#),
        ]
    };
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "x"] {
        for request in post(content_type) {
            let response = connection.ask(&request);
            assert_eq!(response.status, 415, "{content_type}");
            assert!(String::from_utf8_lossy(&response.body).contains("application/json"));
        }
    }
    assert_eq!(server.state().next, []);
    for request in post("Application/JSON; charset=utf-8") {
        assert_eq!(connection.ask(&request).status, 200);
    }
}
