//! Rulings at the edges of each row and variation: what is just inside, and what
//! is just outside.

use std::fmt::Write as _;

use attachset::fixture::{Action, Body, Call, Need, RawReply, Reply};
use attachset::model::Operation;
use attachset::oracle::json::{self, Json};
use attachset::oracle::{Answer, End, Pace, rule};

const OUTPUT: &str = r#"{"attachmentSetId":"as-1","expiryTime":"2020-05-14T17:04:40.790+0000"}"#;
const ERROR: &str = r#"{"__type":"AttachmentSetExpired","message":"m"}"#;

const HEAD: &str = "HTTP/1.1 400 X\r\nContent-Type: application/x-amz-json-1.1\r\n\
    X-Amzn-Errortype: AttachmentSetExpired\r\n\r\n";

const BESIDE_NUMBER: &str = r#"{"__type":"AttachmentSetExpired","message":"m","code":7}"#;

/// An answer of the protocol's, with these fields besides.
fn framed(start: &str, fields: &str, body: &str) -> Answer {
    let kind = if fields.to_ascii_lowercase().contains("content-type") {
        ""
    } else {
        "Content-Type: application/x-amz-json-1.1\r\n"
    };
    of(&format!("{start}\r\n{kind}{fields}Content-Length: {}\r\n\r\n{body}", body.chars().count()))
}

fn of(text: &str) -> Answer {
    // A character beyond ASCII and below U+0100 stands for its byte.
    let byte = |c: char| u8::try_from(u32::from(c)).map_or(c.to_string().into_bytes(), |byte| vec![byte]);
    let bytes = text.chars().flat_map(byte).collect();
    Answer { bytes, end: End::Open, pace: Pace::AtOnce, early: false }
}

fn ok(body: &str) -> Answer {
    framed("HTTP/1.1 200 OK", "", body)
}

fn bad(body: &str) -> Answer {
    framed("HTTP/1.1 400 Bad Request", "", body)
}

fn with(fields: &str, body: &str) -> Answer {
    framed("HTTP/1.1 400 Bad Request", fields, body)
}

fn ending(answer: Answer, end: End) -> Answer {
    Answer { end, ..answer }
}

#[test]
fn of_messages() {
    let cut = || of(&format!("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{OUTPUT}"));
    let half = || of("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"attachmentSetId\":");
    let many = |count: usize| (0..count).map(|n| format!("X-{n}: x\r\n")).collect::<String>();
    let long = |length: usize| {
        let answer = framed("HTTP/1.1 200 OK", "X: \r\n", OUTPUT);
        let head = answer.bytes.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
        framed("HTTP/1.1 200 OK", &format!("X: {}\r\n", "x".repeat(length - head)), OUTPUT)
    };
    listed(
        "oracle-rulings-messages",
        [
            ("nothing", of("")),
            ("nothing, and closed", ending(of(""), End::Closed)),
            ("a cut head", of("HTTP/1.1 200 OK\r\n")),
            ("a cut head, and closed", ending(of("HTTP/1.1 200 OK\r\n"), End::Closed)),
            ("a status above those that are", framed("HTTP/1.1 600 X", "", ERROR)),
            ("the last that is", framed("HTTP/1.1 599 X", "", ERROR)),
            ("a status below", framed("HTTP/1.1 099 X", "", ERROR)),
            ("the first of an error", framed("HTTP/1.1 400 X", "", ERROR)),
            ("the last of a redirect", framed("HTTP/1.1 399 X", "", ERROR)),
            ("a redirect", framed("HTTP/1.1 302 X", "Location: /\r\n", ERROR)),
            ("a place, and no redirect", framed("HTTP/1.1 400 X", "Location: /\r\n", ERROR)),
            ("a redirect that leads nowhere", framed("HTTP/1.1 300 X", "", ERROR)),
            ("the last of an output", framed("HTTP/1.1 299 X", "", OUTPUT)),
            ("an output that is reset", ending(ok(OUTPUT), End::Reset)),
            ("whole in a cut message", cut()),
            ("whole in a cut message, and closed", ending(cut(), End::Closed)),
            ("cut, and open", half()),
            ("cut, and reset", ending(half(), End::Reset)),
            (
                "cut, with a member of another type",
                of("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"expiryTime\":7}"),
            ),
            (
                "cut, with a member that is not UTF-8",
                of("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"expiryTime\":\"\u{ff}\"}"),
            ),
            ("an array in a cut message", of("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[]")),
            ("cut, with twins", of("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"x\":1,\"x\":2}")),
            (
                "an error that is whole in a cut message",
                of(&format!("HTTP/1.1 400 X\r\nContent-Length: 99\r\n\r\n{ERROR}")),
            ),
            ("a coding", with("Content-Encoding: gzip\r\n", ERROR)),
            ("a checksum", with("x-amz-crc32: 1\r\n", ERROR)),
            ("early", Answer { early: true, ..bad(ERROR) }),
            ("an early output", Answer { early: true, ..ok(OUTPUT) }),
            ("in pieces", Answer { pace: Pace::InPieces, ..ok(OUTPUT) }),
            ("as slow as a time-out", Answer { pace: Pace::Unclear, ..ok(OUTPUT) }),
            ("forty fields", framed("HTTP/1.1 200 OK", &many(38), OUTPUT)),
            ("forty-one fields", framed("HTTP/1.1 200 OK", &many(39), OUTPUT)),
            ("a hundred fields", framed("HTTP/1.1 200 OK", &many(98), OUTPUT)),
            ("a hundred and one fields", framed("HTTP/1.1 200 OK", &many(99), OUTPUT)),
            ("a head of 4,096 bytes", long(4_096)),
            ("a head of 4,097 bytes", long(4_097)),
            ("HTTP/1.0, and no body that counts", framed("HTTP/1.0 200 OK", "", "x")),
            (
                "surplus",
                of(&format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\r\n{OUTPUT}x",
                    OUTPUT.len()
                )),
            ),
            ("a member's name as a field", framed("HTTP/1.1 200 OK", "attachmentSetId: x\r\n", OUTPUT)),
            ("the other as a field", framed("HTTP/1.1 200 OK", "expiryTime: x\r\n", OUTPUT)),
            (
                "a content type in capitals",
                framed("HTTP/1.1 200 OK", "Content-Type: Application/x-amz-json-1.1\r\n", OUTPUT),
            ),
        ],
    );
}

#[test]
fn of_outputs() {
    let id =
        |id: &str| ok(&format!(r#"{{"attachmentSetId":{id},"expiryTime":"2020-05-14T17:04:40.790+0000"}}"#));
    let time = |time: &str| ok(&format!(r#"{{"attachmentSetId":"as-1","expiryTime":{time}}}"#));
    let nested = |deep: usize| id(&format!(r#""as-1","x":{}{}"#, "[".repeat(deep), "]".repeat(deep)));
    listed(
        "oracle-rulings-outputs",
        [
            ("plain", ok(OUTPUT)),
            ("another status", framed("HTTP/1.1 201 Created", "", OUTPUT)),
            ("no body", ok("")),
            ("white space", ok(" ")),
            ("null", ok("null")),
            ("a number", ok("7")),
            ("cut", ok("{")),
            ("more than JSON", ok("{'a':1}")),
            ("more than JSON behind a mark", ok("\u{ef}\u{bb}\u{bf} {'a':1}")),
            ("more than JSON behind a comment", ok("//\n{}")),
            ("more than null", ok("nulla")),
            ("less than null", ok("nula")),
            ("no JSON", ok("<html>")),
            ("a mark", ok(&format!("\u{ef}\u{bb}\u{bf}{OUTPUT}"))),
            ("too deep to read", nested(600)),
            ("deep", nested(20)),
            ("deeper than twenty", nested(21)),
            ("as deep as is judged", nested(100)),
            ("deeper", nested(101)),
            ("no members", ok("{}")),
            ("a null", id("null")),
            ("a null elsewhere", id(r#""as-1","x":null"#)),
            ("an empty id", id(r#""""#)),
            ("a number for an id", id("7")),
            ("a number that cannot be held", id("1234567890123456")),
            ("half a pair", id(r#""\ud800""#)),
            ("half a pair elsewhere", id(r#""as-1","x":"\ud800""#)),
            ("no UTF-8", id("\"\u{ff}\"")),
            ("no UTF-8 elsewhere", id("\"as-1\",\"x\":\"\u{ff}\"")),
            ("twins", id(r#""as-1","x":1,"x":2"#)),
            ("another case", ok(r#"{"AttachmentSetId":"as-1"}"#)),
            ("a message in capitals", id(r#""as-1","Message":"m""#)),
            ("another member", id(r#""as-1","x":1"#)),
            ("the members of an error", id(r#""as-1","message":"m""#)),
            ("the name of an error", id(r#""as-1","code":"x""#)),
            ("an error, and no output", ok(ERROR)),
            ("an error within, and no output", ok(r#"{"Error":{"code":"A"}}"#)),
            ("named in the header", framed("HTTP/1.1 200 OK", "X-Amzn-Errortype: A\r\n", OUTPUT)),
            ("a long id", id(&format!(r#""as-{}""#, "1".repeat(1_021)))),
            ("a longer id", id(&format!(r#""as-{}""#, "1".repeat(1_022)))),
            ("an odd id", id(r#""a b""#)),
            ("an id with something odd", id(r#""as-é""#)),
            ("an odd time", time(r#""soon""#)),
            ("a zero byte", id(r#""as-\u0000""#)),
            ("a number of fifteen digits", id(r#""as-1","x":123456789012345"#)),
            ("a number of sixteen digits", id(r#""as-1","x":1234567890123456"#)),
            ("a number with an exponent", id(r#""as-1","x":1E5"#)),
            (
                "the time first",
                ok(r#"{"expiryTime":"2020-05-14T17:04:40.790+0000","attachmentSetId":"as-1"}"#),
            ),
            ("a pair", id(r#""as-1","x":"\ud83d\udcce""#)),
            ("white space between", id(r#" "as-1""#)),
        ],
    );
}

#[test]
fn of_errors() {
    let named = |name: &str| bad(&format!(r#"{{"__type":"{name}","message":"m"}}"#));
    let message = |message: &str| bad(&format!(r#"{{"__type":"AttachmentSetExpired","message":{message}}}"#));
    let length = |length: usize| message(&format!("\"{}\"", "m".repeat(length)));
    listed(
        "oracle-rulings-errors",
        [
            ("plain", bad(ERROR)),
            ("its own status for another", framed("HTTP/1.1 500 X", "", ERROR)),
            ("in the header", with("X-Amzn-Errortype: AttachmentSetExpired\r\n", r#"{"message":"m"}"#)),
            ("in the header, and no body", with("X-Amzn-Errortype: AttachmentSetExpired\r\n", "")),
            ("in the header, and nothing up to the end", closed(HEAD)),
            ("in the header, and no object", with("X-Amzn-Errortype: AttachmentSetExpired\r\n", "<html>")),
            (
                "in the header, with a namespace",
                with("X-Amzn-Errortype: a#AttachmentSetExpired\r\n", r#"{"message":"m"}"#),
            ),
            ("in code", bad(r#"{"code":"AttachmentSetExpired","message":"m"}"#)),
            ("in code, with a URI", bad(r#"{"code":"AttachmentSetExpired:a","message":"m"}"#)),
            ("in code, with both", bad(r#"{"code":"a#AttachmentSetExpired:a","message":"m"}"#)),
            ("not in the model", named("Slow")),
            ("documented, and not in the model", named("SubscriptionRequiredException")),
            ("beside a number", bad(r#"{"__type":"AttachmentSetExpired","code":7,"message":"m"}"#)),
            (
                "beside a number, with a namespace",
                bad(r#"{"__type":"a#AttachmentSetExpired","code":7,"message":"m"}"#),
            ),
            ("in two places", bad(r#"{"__type":"A","code":"A","message":"m"}"#)),
            ("in a query's header, too", with("x-amzn-query-error: A;Sender\r\n", ERROR)),
            ("under another content type", with("Content-Type: application/json\r\n", ERROR)),
            ("under a parameter", with("Content-Type: application/x-amz-json-1.1;a=b\r\n", ERROR)),
            (
                "under two",
                with(
                    "Content-Type: application/x-amz-json-1.1\r\nContent-Type: application/x-amz-json-1.1\r\n",
                    ERROR,
                ),
            ),
            ("nothing", bad("{}")),
            ("nothing, and no JSON", bad("<html>")),
            ("nothing under another content type", with("Content-Type: text/html\r\n", "<html>")),
            ("nothing, behind a field beyond ASCII", with("x-trace: \u{e9}\r\n", "{}")),
            ("nothing, with a request id", with("x-amzn-requestid: r\r\n", "{}")),
            ("an empty request id", with("x-amzn-requestid: \r\n", ERROR)),
            ("a request id beyond ASCII", with("x-amzn-requestid: \u{e9}\r\n", ERROR)),
            ("a request id of another form", with("x-amzn-requestid: a b\r\n", ERROR)),
            ("a plain request id", with("x-amzn-requestid: a-1\r\n", ERROR)),
            (
                "a request id beside another service's",
                with("x-amzn-requestid: a-1\r\nx-amz-request-id: b\r\n", ERROR),
            ),
            ("two request ids", with("x-amzn-requestid: a\r\nx-amzn-requestid: b\r\n", ERROR)),
            ("no message", bad(r#"{"__type":"AttachmentSetExpired"}"#)),
            ("an empty message", message("\"\"")),
            ("a null", message("null")),
            ("a number", message("7")),
            ("no UTF-8", message("\"\u{ff}\"")),
            ("half a pair", message(r#""\ud800""#)),
            ("two spellings", bad(r#"{"__type":"AttachmentSetExpired","message":"m","Message":"n"}"#)),
            ("the other spelling", bad(r#"{"__type":"AttachmentSetExpired","Message":"m"}"#)),
            ("a third spelling", bad(r#"{"__type":"AttachmentSetExpired","MESSAGE":"m"}"#)),
            ("white space at the end", message(r#""m ""#)),
            ("a line break", message(r#""m\nn""#)),
            ("a long message", length(65_536)),
            ("a longer message", length(65_537)),
            ("the message first", bad(r#"{"message":"m","__type":"AttachmentSetExpired"}"#)),
            ("another member", bad(r#"{"__type":"AttachmentSetExpired","message":"m","x":1}"#)),
            (
                "another member that is null",
                bad(r#"{"__type":"AttachmentSetExpired","message":"m","code":null}"#),
            ),
            ("a name within", bad(r#"{"__type":"AttachmentSetExpired","message":"m","x":{"__type":"A"}}"#)),
            (
                "a name deeper",
                bad(r#"{"__type":"AttachmentSetExpired","message":"m","x":[{"y":{"__type":"A"}}]}"#),
            ),
            (
                "an output's member",
                bad(r#"{"__type":"AttachmentSetExpired","message":"m","attachmentSetId":"as-1"}"#),
            ),
            ("a number beside the name", bad(BESIDE_NUMBER)),
            ("a number beside the name, and white space", bad(&BESIDE_NUMBER.replace(':', ": "))),
            ("a number beside the name, and a field padded", with("X:  x \r\n", BESIDE_NUMBER)),
            (
                "a number beside the name, not in the model",
                bad(&BESIDE_NUMBER.replace("AttachmentSetExpired", "Slow")),
            ),
            ("twins", bad(r#"{"__type":"AttachmentSetExpired","message":"m","message":"n"}"#)),
            ("a mark", bad(&format!("\u{ef}\u{bb}\u{bf}{ERROR}"))),
            (
                "surplus",
                of(&format!(
                    "HTTP/1.1 400 X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\r\n{ERROR}x",
                    ERROR.len()
                )),
            ),
        ],
    );
}

/// To end a call that is not answered a client must be told a time-out.
#[test]
fn an_answer_that_does_not_end_needs_a_time_out() {
    let needs = |text: &str, end: Option<Action>| {
        let body = Body::Text(text.into());
        let raw = [Action::Send(body)].into_iter().chain(end).collect();
        let reply = Reply::Raw(RawReply { raw, ..RawReply::default() });
        attachset::oracle::fixture(plain_call(), reply, 1_000).needs
    };
    let whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    for (text, end, is_silent) in [
        ("", Some(Action::Hang), true),
        ("HTTP/1.1 200 OK\r\n", Some(Action::Hang), true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", Some(Action::Hang), true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", Some(Action::Close), false),
        ("", Some(Action::Reset), false),
        (whole, None, false),
        (whole, Some(Action::Hang), false),
        ("<html>", Some(Action::Hang), false),
    ] {
        let expected = if is_silent { vec![Need::Timeout] } else { Vec::new() };
        assert_eq!(needs(text, end.clone()), expected, "{text:?}, {end:?}");
    }
}

/// Only a client that knows dry runs knows how one is said to have gone well.
#[test]
fn what_a_dry_run_ends_in_needs_one() {
    let needs = |name: &str| {
        let body = format!(r#"{{"__type":"{name}","message":"m"}}"#);
        let raw = vec![Action::Send(Body::from(bad(&body).bytes.as_slice()))];
        let reply = Reply::Raw(RawReply { raw, ..RawReply::default() });
        attachset::oracle::fixture(plain_call(), reply, 1_000).needs
    };
    assert_eq!(needs("DryRunOperationException"), [Need::DryRun]);
    assert_eq!(needs("a#DryRunOperationException:b"), [Need::DryRun]);
    assert_eq!(needs("AttachmentSetExpired"), []);
}

/// A client may send again what was misdirected or came too late, whatever it
/// was told of attempts.
#[test]
fn what_http_lets_a_client_send_again() {
    let requests = |status: u16| {
        let bytes = framed(&format!("HTTP/1.1 {status} X"), "", "{}").bytes;
        let raw = vec![Action::Send(Body::from(bytes.as_slice()))];
        let reply = Reply::Raw(RawReply { raw, ..RawReply::default() });
        attachset::oracle::fixture(plain_call(), reply, 1_000).steps[0].count().max
    };
    assert_eq!([400, 408, 421, 500].map(requests), [1, 2, 2, 1]);
}

/// An answer that ends where the connection is closed.
fn closed(text: &str) -> Answer {
    Answer { end: End::Closed, ..of(text) }
}

fn plain_call() -> Call {
    serde_json::from_str(r#"{"attachments": [{"data": {"text": "hello"}, "fileName": "a.txt"}]}"#).unwrap()
}

fn listed<const N: usize>(name: &str, answers: [(&str, Answer); N]) {
    let mut list = String::new();
    for (what, answer) in answers {
        let ruling = rule(Operation::AddAttachmentsToSet.shape(), &answer);
        writeln!(list, "{what}: {} {}", ruling.level.as_str(), ruling.says).unwrap();
        if !ruling.variations.is_empty() {
            writeln!(list, "    variations: {}", ruling.variations.join(", ")).unwrap();
        }
        let expected = serde_json::to_string(&ruling.expected).unwrap();
        writeln!(list, "    {}", attachset::wire::answer::cut(&expected).replace("\\\"", "\"")).unwrap();
        let charges: Vec<_> =
            ruling.charges.iter().map(|(defect, id)| format!("{} {id}", defect.as_str())).collect();
        writeln!(list, "    charges: {}", charges.join(", ")).unwrap();
        for (defect, others) in &ruling.otherwise {
            writeln!(list, "    {} otherwise: {}", defect.as_str(), others.join(", ")).unwrap();
        }
    }
    crate::common::snapshot(name, &list);
}

#[test]
fn json_is_read_as_its_grammar_has_it() {
    let mut list = String::new();
    for text in [
        "",
        " \t\n\r",
        "null",
        "nul",
        "nulx",
        "true",
        "tru",
        "false",
        "falsy",
        "x",
        "0",
        "-0",
        "-",
        "-x",
        "01",
        "1.5",
        "1.",
        "1.x",
        "1e5",
        "1E+5",
        "1e-5",
        "1e",
        "1ex",
        "1e+",
        "[-]",
        "[1.]",
        "[1e]",
        "1 2",
        "123456789012345",
        "1234567890123456",
        "0.1234567890123456",
        "\"\"",
        "\"a",
        "\"\\",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\x\"",
        "\"\\u0041\\u00e9\"",
        "\"\\u004\"",
        "\"\\u00g0\"",
        "\"\\ud83d\\udcce\"",
        "\"\\ud83d\"",
        "\"\\ud83d\\u0041\"",
        "\"\\ud83d\\ud83d\\udcce\"",
        "\"\\udcce\"",
        "\"\\udfff\"",
        "\"\\ue000\"",
        "\"\\ud7ff\"",
        "\"\\udbff\\udfff\"",
        "\"\\ud800\\udc00\"",
        "\"\\ud83dx\"",
        "\"\\ud83d\\",
        "\"\\ud83d\\n\"",
        "\"\u{1f}\"",
        "\"\u{7f}\"",
        "\"\u{e9}\"",
        "\"\u{c3}\u{a9}\"",
        "[]",
        "[ ]",
        "[1,2]",
        "[1 , 2]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "[",
        "[1,",
        "{}",
        "{ }",
        "{\"a\":1}",
        "{\"a\" : 1 , \"b\":[{}]}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{a:1}",
        "{\"a\"}",
        "{\"a\"=1}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1",
        "{\"a\"",
        "{",
        "{\"a\":1}}",
        "\u{ef}\u{bb}\u{bf}{}",
    ] {
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let read = match json::read(&bytes) {
            Ok((json, features)) => format!("{json:?}\n    {features:?} {:?}", json.to_value()),
            Err(error) => format!("{error:?}"),
        };
        writeln!(list, "{}\n    {read}", text.escape_default()).unwrap();
    }
    crate::common::snapshot("oracle-json", &list);
    let deep = |deep: usize| {
        json::read(&[vec![b'['; deep], vec![b']'; deep]].concat()).map(|(_, features)| features.depth)
    };
    assert_eq!((deep(501), deep(502)), (Ok(500), Err(json::NotJson::Deep)));
}

#[test]
fn of_twins_the_last_counts() {
    let (json, _) = json::read(br#"{"a":1,"a":2,"b":3}"#).unwrap();
    assert_eq!(json.member("a"), Some(&Json::Number("2".into())));
    assert_eq!((json.member("c"), Json::Null.member("a")), (None, None));
}
