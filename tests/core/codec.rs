//! The codec's corners, one by one. What holds for every input is in the
//! properties.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use attachset::model::{Attachment, Input};
use attachset::wire::decode::{self, DecodeErrorKind, NoteKind, error_code};
use attachset::wire::outcome::Outcome;
use attachset::wire::{Headers, Response, answer, encode, hex, http1, sha256_hex};

fn answered(status: u16, headers: &[(&str, &str)], body: &[u8]) -> String {
    let headers = Headers::from_iter(headers.iter().copied());
    serde_json::to_string(&decode::response(&Response { status, headers, body: body.to_vec() })).unwrap()
}

#[test]
fn an_error_code_is_cut_at_the_colon_then_after_the_first_hash() {
    let cases = [
        ("FooError", Some("FooError")),
        ("FooError:http://example.com/#x", Some("FooError")),
        ("a.b#FooError", Some("FooError")),
        ("a.b#FooError:http://example.com/", Some("FooError")),
        ("a#b#FooError", Some("b#FooError")),
        (" FooError ", Some("FooError")),
        ("", None),
        ("#", None),
        (":FooError", None),
    ];
    for (discriminator, code) in cases {
        assert_eq!(error_code(discriminator), code, "{discriminator:?}");
    }
}

#[test]
fn the_header_names_an_error_before_the_body_does() {
    let body = br#"{"__type":"B","code":"C"}"#;
    assert!(answered(400, &[("X-Amzn-ErrorType", "A")], body).contains(r#""code":"A""#));
    assert!(answered(400, &[("X-Amzn-ErrorType", "#")], body).contains(r#""code":"B""#));
    assert!(answered(400, &[], br#"{"__type":7,"code":"C"}"#).contains(r#""code":"C""#));
    assert!(!answered(400, &[], br#"{"code":7}"#).contains(r#""code""#));
}

#[test]
fn a_success_without_output_is_no_success() {
    for body in [" ", "null", "[]", "\"as-1\"", "{", "{}x", "\u{feff}{}", "<html>", "{\"a\":NaN}"] {
        let answer = answered(200, &[], body.as_bytes());
        assert!(answer.contains(r#""kind":"decode""#) && answer.contains("$: "), "{body:?}: {answer}");
    }
    assert!(answered(200, &[], b"{\"attachmentSetId\":\"\xff\"}").contains("not UTF-8 after byte 20"));
    assert_eq!(answered(200, &[], b"{}"), r#"{"output":{}}"#);
}

#[test]
fn an_empty_body_is_an_output_without_members() {
    assert_eq!(answered(200, &[], b""), r#"{"output":{}}"#);
    assert_eq!(answered(204, &[], b""), r#"{"output":{}}"#);
    assert!(answered(200, &[("x-amzn-errortype", "A")], b"").contains(r#""code":"A""#));
    assert!(answered(400, &[], b"").contains(r#""kind":"service""#));
}

#[test]
fn an_error_under_status_200_is_that_error() {
    let answer = answered(200, &[], br#"{"__type":"x#AttachmentSetExpired","message":"m"}"#);
    assert_eq!(
        answer,
        r#"{"error":{"kind":"service","code":"AttachmentSetExpired","message":"m","status":200}}"#
    );
}

#[test]
fn what_no_string_holds_does_no_harm_where_it_means_nothing() {
    for value in [r#""\ud800""#, "1e999"] {
        let body = format!(r#"{{"message":{value},"x":{value},"attachmentSetId":"a"}}"#);
        assert_eq!(answered(200, &[], body.as_bytes()), r#"{"output":{"attachmentSetId":"a"}}"#);
        let body = format!(r#"{{"message":{value},"__type":"A"}}"#);
        assert!(answered(400, &[], body.as_bytes()).contains(r#""code":"A""#));
        let body = format!(r#"{{"attachmentSetId":{value}}}"#);
        assert!(answered(200, &[], body.as_bytes()).contains("$.attachmentSetId: expected a string, found "));
    }
}

#[test]
fn depth_costs_nothing_in_what_is_ignored() {
    let deep = [b"{\"x\":".as_slice(), &b"[".repeat(200_000), &b"]".repeat(200_000), b"}"].concat();
    assert_eq!(answered(200, &[], &deep), r#"{"output":{}}"#);
}

#[test]
fn a_request_is_decoded_as_a_service_does_and_its_oddities_are_noted() {
    let body =
        br#"{"attachments":[{"data":null,"fileName":"a"},{"x":{}}],"dryRun":true,"dryRun":false,"y":1}"#;
    let decoded = decode::input(body).unwrap();
    assert_eq!(decoded.input.dry_run, Some(false));
    let notes: Vec<_> = decoded.notes.iter().map(|note| (note.path.as_str(), note.kind)).collect();
    assert_eq!(
        notes,
        [
            ("$.attachments[0].data", NoteKind::Null),
            ("$.attachments[1].x", NoteKind::Unknown),
            ("$.dryRun", NoteKind::Duplicate),
            ("$.y", NoteKind::Unknown),
        ]
    );
}

#[test]
fn a_request_that_cannot_be_decoded_names_the_place() {
    let cases: [(&[u8], DecodeErrorKind, &str); 6] = [
        (b"", DecodeErrorKind::Syntax, "$"),
        (b"{\"attachments\":[{}", DecodeErrorKind::Syntax, "$.attachments[1]"),
        (b"{\"attachments\":{}}", DecodeErrorKind::Type, "$.attachments"),
        (b"{\"attachments\":[{},{\"fileName\":[]}]}", DecodeErrorKind::Type, "$.attachments[1].fileName"),
        (b"{\"attachments\":[{\"data\":\"_w==\"}]}", DecodeErrorKind::Base64, "$.attachments[0].data"),
        (b"{\"attachments\":[{\"data\":\"/w\"}]}", DecodeErrorKind::Base64, "$.attachments[0].data"),
    ];
    for (body, kind, path) in cases {
        let error = decode::input(body).unwrap_err();
        assert_eq!((error.kind, error.path.as_str()), (kind, path), "{error}");
    }
}

/// What is wrong with a body in words, which reach an adapter's author.
#[test]
fn an_error_says_what_was_expected() {
    for (body, says) in [
        ("", "$: EOF while parsing a value at line 1 column 0"),
        ("[]", "$: invalid type: sequence, expected a JSON object at line 1 column 0"),
        ("{} x", "$: trailing characters at line 1 column 4"),
        (r#"{"attachmentSetId":7}"#, "$.attachmentSetId: invalid type: integer `7`, expected a string"),
        (r#"{"attachments":{}}"#, "$.attachments: invalid type: map, expected an array"),
        (r#"{"attachments":[[]]}"#, "$.attachments[0]: invalid type: sequence, expected a JSON object"),
        (r#"{"dryRun":"x"}"#, r#"$.dryRun: invalid type: string "x", expected true or false"#),
        (r#"{"attachments":[{"data":"!"}]}"#, "$.attachments[0].data: not padded standard base64: "),
    ] {
        let error = decode::input(body.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(says), "{body}: {error}");
    }
    assert_eq!(decode::input(b"{\"x\":\"\xff\"}").unwrap_err().to_string(), "$: not UTF-8 after byte 6");
    for (body, says) in [
        ("[]", "$: invalid type: sequence, expected a JSON object at line 1 column 0"),
        (r#"{7:1}"#, "$: key must be a string at line 1 column 2"),
        (r#"{"attachmentSetId":{}}"#, "$.attachmentSetId: expected a string, found an object"),
        (r#"{"attachmentSetId":[]}"#, "$.attachmentSetId: expected a string, found an array"),
        (r#"{"attachmentSetId":true}"#, "$.attachmentSetId: expected a string, found a boolean"),
        (r#"{"attachmentSetId":false}"#, "$.attachmentSetId: expected a string, found a boolean"),
        (r#"{"attachmentSetId":7}"#, "$.attachmentSetId: expected a string, found a number"),
        (r#"{"expiryTime":"\ud800"}"#, "$.expiryTime: expected a string, found one that is not Unicode"),
    ] {
        let answer = answered(200, &[], body.as_bytes());
        assert!(answer.contains(says), "{body}: {answer}");
    }
}

#[test]
fn what_encoders_write_is_decoded_by_the_plain_decoder() {
    for body in [
        "{}",
        " {\t\"attachments\" :\r[ ]\n} ",
        r#"{"attachmentSetId": "as-1 \"\\u00e9"}"#,
        r#"{"dryRun":true,"attachmentSetId":""}"#,
        r#"{"dryRun": false}"#,
        r#"{"attachments": [{"fileName": "a\\", "data": "aGVsbG8="}, {"data": ""}, {}]}"#,
    ] {
        let plain = decode::plain_input(body.as_bytes()).unwrap();
        let decoded = decode::any_input(body.as_bytes()).unwrap();
        assert_eq!((plain, Vec::new()), (decoded.input, decoded.notes), "{body}");
    }
    for body in [
        "",
        "{",
        "{}x",
        r#"{"dryRun":null}"#,
        r#"{"dryRun":tru}"#,
        r#"{"dryRun":true,"dryRun":true}"#,
        r#"{"dryRun":true,}"#,
        r#"{"attachments":[{}"#,
        r#"{"attachments":[{"data":"aGVsbG8"}]}"#,
        r#"{"attachments":[{"fileName":"\x"}]}"#,
        r#"{"attachmentSetId":"as-1}"#,
        r#"{"x":1}"#,
    ] {
        assert_eq!(decode::plain_input(body.as_bytes()), None, "{body}");
    }
}

#[test]
fn an_input_survives_the_wire() {
    let text = "\0\u{1f}\"\\/\u{2028}\u{feff}é\u{10ffff}\r\n\t";
    let input = Input {
        attachment_set_id: Some(text.into()),
        attachments: Some(vec![
            Attachment::default(),
            Attachment { file_name: Some(String::new()), data: Some(Vec::new()) },
            Attachment { file_name: Some(text.into()), data: Some((0..=255).collect()) },
        ]),
        dry_run: Some(false),
    };
    let body = encode::input_body(&input);
    let decoded = decode::input(&body).unwrap();
    assert_eq!((decoded.input, decoded.notes), (input, Vec::new()));
    assert!(matches!(
        decode::response(&encode::output(&Default::default(), "r")),
        Outcome::Output(output) if output == Default::default()
    ));
}

#[test]
fn the_body_is_one_allocation() {
    let input = Input {
        attachments: Some(vec![
            Attachment {
                file_name: Some("\"\n\u{1}".repeat(9)),
                data: Some(vec![0; 1000])
            };
            3
        ]),
        ..Input::default()
    };
    let mut body = Vec::new();
    let allocations = allocation_counter::measure(|| body = encode::input_body(&input));
    assert_eq!(allocations.count_total, 1);
    assert!(body.capacity() - body.len() < 64, "{} for {}", body.capacity(), body.len());
}

#[test]
fn very_many_attachments_are_decoded_too() {
    let attachment = Attachment { file_name: Some("a.log".into()), data: Some(b"hello".into()) };
    for count in [100, 101, 1_000] {
        let input = Input { attachments: Some(vec![attachment.clone(); count]), ..Input::default() };
        let body = encode::input_body(&input);
        assert_eq!(decode::plain_input(&body).is_some(), count <= 100);
        assert_eq!(decode::input(&body).unwrap().input, input);
    }
}

/// FIPS 180-4, the example of one block.
#[test]
fn a_digest_is_written_in_hexadecimal() {
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(sha256_hex(b"abc"), digest);
    assert_eq!(hex(&[0x00, 0x1f, 0xf1, 0xa5]), "001ff1a5");
}

#[test]
fn an_answer_takes_a_client_at_its_word() {
    let answer = r#"{"id":"a","error":{"kind":"service","code":404,"message":null,"status":400}}"#;
    assert!(answer::parse(answer, "a").is_ok());
    assert!(answer::parse(r#"{"id":"a","output":{"attachmentSetId":7}}"#, "a").is_ok());
    for (escaped, text) in [
        (
            r"\\ud800 \ud83d\ude00 \ud800\ud800 \udc00 \\\udfff",
            "\\ud800 \u{1f600} \u{fffd}\u{fffd} \u{fffd} \\\u{fffd}",
        ),
        (r"\ud83d\udc00\udc00", "\u{1f400}\u{fffd}"),
        (r"\udbff\udfff\ud7ff\ue000", "\u{10ffff}\u{d7ff}\u{e000}"),
        (r"\ud800\udbff\ue000", "\u{fffd}\u{fffd}\u{e000}"),
        (r"é\ud800é\n", "é\u{fffd}é\n"),
    ] {
        let line = format!(r#"{{"id":"a","unsupported":"{escaped}"}}"#);
        assert_eq!(answer::parse(&line, "a"), Ok(Outcome::Unsupported(text.into())), "{escaped}");
    }
}

#[test]
fn an_answer_may_be_as_deep_as_the_service_s_was() {
    for (open, end, depth) in [("[", "]", 100), ("[", "]", 10_000), (r#"{"a":"#, "}", 10_000)] {
        let (open, end) = (open.repeat(depth), end.repeat(depth));
        let deep = format!("{open}[]{end}");
        for line in [
            format!(r#"{{"id":"a","output":{{"attachmentSetId":{deep}}}}}"#),
            format!(r#"{{"id":"a","output":{{"expiryTime":{deep},"other":["x"]}}}}"#),
            format!(r#"{{"id":"a","error":{{"kind":"service","code":{deep},"message":{deep}}}}}"#),
        ] {
            let outcome = answer::parse(&line, "a").unwrap();
            let written = answer::write("a", &outcome);
            assert_eq!(answer::parse(&written, "a"), Ok(outcome));
            assert_eq!(written == line, depth == 100, "{written}");
        }
    }
}

#[test]
fn chunked_is_the_one_transfer_coding() {
    let read = |coding: &str| {
        let answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n1\r\na\r\n0\r\n\r\n");
        http1::response(answer.as_bytes()).map(|response| response.body)
    };
    assert_eq!(read("Chunked "), Ok(b"a".to_vec()));
    for other in ["gzip", "xchunked", "gzip, chunked"] {
        assert!(read(other).is_err(), "{other}");
    }
}

#[test]
fn a_length_is_digits_alone() {
    let read = |length: &str| {
        http1::response(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhello").as_bytes())
    };
    assert_eq!(read(" 5\t").unwrap().body, b"hello");
    for other in ["", "+5", "0x5", "5, 6"] {
        assert!(read(other).is_err(), "{other}");
    }
}

/// RFC 8259 section 7: in the short form where there is one.
#[test]
fn what_a_string_must_escape_is_escaped() {
    let attachment_set_id = Some("\"\\/\n\r\t\u{8}\u{1f} \u{7f}\u{e9}".into());
    let body = encode::input_body(&Input { attachment_set_id, ..Input::default() });
    let expected = "{\"attachmentSetId\":\"\\\"\\\\/\\n\\r\\t\\u0008\\u001f \u{7f}\u{e9}\"}";
    assert_eq!(String::from_utf8(body).unwrap(), expected);
}

#[test]
fn what_a_client_hands_on_is_read_as_it_is() {
    for value in
        [r#"[null,true,-1,1,1.5,"x",[],{}]"#, r#"{"a":{"b":false}}"#, "18446744073709551615", r#""x""#]
    {
        let line = format!(r#"{{"id":"a","output":{{"attachmentSetId":{value}}}}}"#);
        assert_eq!(answer::write("a", &answer::parse(&line, "a").unwrap()), line);
    }
}

#[test]
fn what_is_not_one_answer_is_refused_with_what_came() {
    for (line, says) in [
        (r#"{"id":"a","error":{"kind":"odd"}}"#, "its response is "),
        (r#"{"id":"b","unsupported":"x"}"#, r#"it responded to "b" instead of "a""#),
        (r#"{"id":"a"}"#, "its response has not exactly one of output, error and unsupported: "),
        (r#"{"id":"a","output":{},"unsupported":"x"}"#, "its response has not exactly one of "),
        (r#"{"id":"a","output":{},"error":{"kind":"client"}}"#, "its response has not exactly one of "),
        ("\\", r#"its response is "\\": "#),
        ("\\é", r#"its response is "\\é": "#),
    ] {
        let error = answer::parse(line, "a").unwrap_err();
        assert!(error.starts_with(says), "{error}");
    }
    assert_eq!(answer::cut("a \n"), r#""a""#);
    let long = "é".repeat(201);
    assert_eq!(answer::cut(&long), format!("\"{}\"... (402 bytes)", "é".repeat(200)));
    assert_eq!(answer::cut(&"é".repeat(200)), format!("{:?}", "é".repeat(200)));
    let outcome = Outcome::Unsupported("x".into());
    assert_eq!(answer::write("a", &outcome), r#"{"id":"a","unsupported":"x"}"#);
}
