use attachset::serve::Server;
use attachset::wire::{Headers, Request};

use super::http::Connection;
use super::{code, error, input, outcome, request, with_body};

/// A request with a header replaced, or left out.
fn with_header(name: &str, value: Option<&str>) -> Request {
    let mut request = request(&input(None, &[1]));
    let mut headers: Headers =
        request.headers.iter().filter(|(n, _)| !n.eq_ignore_ascii_case(name)).collect();
    if let Some(value) = value {
        headers.push(name, value);
    }
    request.headers = headers;
    request
}

#[test]
fn parameters_of_the_content_type_and_the_case_of_names_do_not_matter() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    for request in [
        with_header("content-type", Some("application/x-amz-json-1.1; charset=utf-8")),
        with_header("CONTENT-TYPE", Some("Application/X-Amz-Json-1.1")),
        Request { target: "/?x=y".into(), ..request(&input(None, &[1])) },
    ] {
        outcome(&connection.ask(&request)).unwrap();
    }
}

#[test]
fn what_is_not_the_operation_is_refused_by_name() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let valid = request(&input(None, &[1]));
    let unknown = error("UnknownOperationException", 400);
    let media = error("UnsupportedMediaTypeException", 415);
    for (request, expected) in [
        (with_header("x-amz-target", None), &unknown),
        (with_header("x-amz-target", Some("AWSSupport_20130415.DescribeServices")), &unknown),
        (with_header("x-amz-target", Some("AddAttachmentsToSet")), &unknown),
        (Request { method: "PUT".into(), ..valid.clone() }, &unknown),
        (Request { target: "/attachments".into(), ..valid }, &unknown),
        (with_header("content-type", None), &media),
        (with_header("content-type", Some("application/json")), &media),
        (with_header("content-type", Some("application/x-amz-json-1.0")), &media),
    ] {
        let response = connection.ask(&request);
        assert_eq!(code(outcome(&response)), *expected, "{request:?}");
        assert_eq!(response.headers.get("content-type"), Some("application/x-amz-json-1.1"));
    }
    assert_eq!(server.state().sets, []);
    let refused =
        outcome(&connection.ask(&with_header("x-amz-target", Some("AWSSupport_20130415.createcase"))));
    let message = refused.unwrap_err().message.unwrap();
    for operation in attachset::model::Operation::ALL {
        assert!(message.contains(operation.name()), "{message}");
    }
}

#[test]
fn what_is_not_the_input_is_a_serialization_error() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let deep = format!(r#"{{"attachments":{}}}"#, "[".repeat(100_000));
    let crowded = format!(r#"{{"attachments":[{}{{}}]}}"#, "{},".repeat(200_000));
    for body in [
        "",
        "null",
        "[]",
        "{",
        r#"{"attachments":[]"#,
        r#"{"attachments":{}}"#,
        r#"{"attachments":[1]}"#,
        r#"{"attachments":[null]}"#,
        r#"{"attachments":[{"data":7}]}"#,
        r#"{"attachments":[{"data":"aGk"}]}"#,
        r#"{"attachments":[{"data":"a-_="}]}"#,
        r#"{"attachments":[],"dryRun":"yes"}"#,
        r#"{"attachments":[],"attachmentSetId":1}"#,
        r#"{"attachments":[]} trailing"#,
        deep.as_str(),
        crowded.as_str(),
    ] {
        let answer = outcome(&connection.ask(&with_body(body)));
        let start = body.get(..40).unwrap_or(body);
        assert_eq!(code(answer), error("SerializationException", 400), "{start}");
    }
    assert_eq!(code(outcome(&connection.ask(&with_body(b"\xff\xfe".to_vec())))).0, "SerializationException");
    for body in ["{}", r#"{"attachments":null}"#, r#"{"attachments":[]}"#] {
        let answer = outcome(&connection.ask(&with_body(body)));
        assert_eq!(code(answer), error("ValidationException", 400), "{body}");
    }
}

#[test]
fn nulls_and_unknown_members_are_passed_over() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let body = r#"{"x":[{}],"attachmentSetId":null,"dryRun":null,"attachments":[{"fileName":null,"y":1}]}"#;
    outcome(&connection.ask(&with_body(body))).unwrap();
}

/// RFC 9112 section 6.1 asks for a 501.
#[test]
fn a_transfer_coding_that_is_not_known_is_not_passed_over() {
    let server = Server::start().unwrap();
    let body = "38\r\n{\"attachments\":[{\"fileName\":\"a.log\",\"data\":\"aGVsbG8=\"}]}\r\n0\r\n\r\n";
    for (codings, status) in [
        ("Transfer-Encoding: chunked", 200),
        ("Transfer-Encoding: Chunked", 200),
        ("Transfer-Encoding: gzip, chunked", 501),
        ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", 501),
        ("Transfer-Encoding: x,chunked", 501),
    ] {
        for path in ["/", "/_attachset/next"] {
            let mut connection = Connection::new(server.address());
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n\
                 X-Amz-Target: AWSSupport_20130415.AddAttachmentsToSet\r\n{codings}\r\n\r\n{body}"
            );
            connection.send(head.as_bytes()).unwrap();
            let seen = connection.answer().unwrap().status;
            let expected = if path == "/" || status == 501 { status } else { 415 };
            assert_eq!(seen, expected, "{path} {codings}");
        }
    }
}

/// What is said of a request is not as long as the request.
#[test]
fn errors_are_short() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let long = "x".repeat(40_000);
    for request in [
        Request { target: format!("/{long}"), ..request(&input(None, &[1])) },
        with_body(format!(r#"{{"{long}":"#)),
        with_body(format!(r#"{{"attachments":"{long}"}}"#)),
        with_body(format!(r#"{{"attachments":[{{"{long}":1,"data":7}}]}}"#)),
    ] {
        let response = connection.ask(&request);
        assert!(
            (400..500).contains(&response.status) && response.body.len() < 4_000,
            "{}",
            response.body.len()
        );
    }
    let plan = format!(r#"{{"exception": "{long}"}}"#);
    let (status, problem) = connection.control("POST", "next", &plan);
    assert!(status == 400 && problem.to_string().len() < 4_000);
}

#[test]
fn what_is_not_http_gets_an_error_with_a_name() {
    let server = Server::start().unwrap();
    let long = format!("POST /{} HTTP/1.1\r\n\r\n", "x".repeat(100_000));
    let many = format!("POST / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200));
    for bytes in [
        "GARBAGE\r\n\r\n",
        "POST / HTTP/1.1\r\nno colon\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        long.as_str(),
        many.as_str(),
    ] {
        let mut connection = Connection::new(server.address());
        // The server may answer and close before it has read all.
        let _ = connection.send(bytes.as_bytes());
        if let Some(response) = connection.answer() {
            let (code, status) = code(outcome(&response));
            assert_eq!(code, "MalformedHttpRequestException");
            assert!([400, 414, 431].contains(&status), "{status}");
            assert!(response.headers.get("x-amzn-requestid").is_some());
        }
        assert_eq!(connection.answer(), None);
    }
}

#[test]
fn pipelined_calls_are_answered_in_order_and_the_malformed_end_last() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let one = attachset::wire::http1::request_bytes(&request(&input(None, &[1])));
    connection.send(&[one.as_slice(), &one, b"GARBAGE\r\n\r\n"].concat()).unwrap();
    let codes: Vec<_> = connection.rest().iter().map(|response| response.status).collect();
    assert_eq!(codes, [200, 200, 400]);
}
