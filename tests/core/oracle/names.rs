//! Who names an error: where a name may stand, and in what form.

use attachset::model::Operation;
use attachset::oracle::name::{Form, Name, Named, Place};
use attachset::oracle::{Answer, End, Pace, Seen};

fn named(headers: &[&str], body: &str) -> Named {
    let headers: String = headers.iter().map(|value| format!("X-Amzn-Errortype: {value}\r\n")).collect();
    let bytes = format!("HTTP/1.1 400 Reply\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len());
    let answer = Answer { bytes: bytes.into(), end: End::Open, pace: Pace::AtOnce, early: false };
    Seen::new(Operation::AddAttachmentsToSet.shape(), &answer).named
}

fn once(name: &str, place: Place, form: Form) -> Named {
    let modelled = Operation::AddAttachmentsToSet.shape().errors.get(name).copied();
    Named::Once(Name { name: name.into(), place, form, modelled })
}

#[test]
fn a_name_in_a_form_that_the_protocol_speaks_of() {
    for (discriminator, name, form) in [
        ("A", "A", Form::Bare),
        ("_a9", "_a9", Form::Bare),
        ("a.b#A", "A", Form::Namespace),
        ("A:http://example.com/", "A", Form::Uri),
        ("a.b#A:http://example.com/#x", "A", Form::Both),
    ] {
        let member = |member: &str| format!(r#"{{"{member}":"{discriminator}"}}"#);
        assert_eq!(named(&[discriminator], "{}"), once(name, Place::Header, form));
        assert_eq!(named(&[], &member("__type")), once(name, Place::Type, form));
        assert_eq!(named(&[], &member("code")), once(name, Place::Code, form));
    }
}

#[test]
fn a_name_in_any_other_form_is_left_open() {
    for discriminator in [
        "9a",
        "a b",
        "é",
        "a#9a",
        "a..b#A",
        "a b#A",
        "#A",
        "A:",
        "A:b,c",
        "A:b c",
        "A:b\\nc",
        // Some readers compare without regard to case.
        "attachmentSetExpired",
    ] {
        assert_eq!(named(&[], &format!(r#"{{"__type":"{discriminator}"}}"#)), Named::Open, "{discriminator}");
    }
}

#[test]
fn two_that_could_name_an_error_leave_it_open() {
    for (headers, body) in [
        (&["A", "B"][..], "{}"),
        (&["A", ""], "{}"),
        (&["A"], r#"{"__type":"A"}"#),
        (&["A"], r#"{"code":7}"#),
        (&["", ""], r#"{"__type":"A"}"#),
        (&[""], r#"{"__type":"A","code":7}"#),
        (&[], r#"{"__type":"A","code":"A"}"#),
        (&[], r#"{"__type":"A","code":null}"#),
        (&[], r#"{"__type":"A","code":"\ud800"}"#),
        (&[], r#"{"__type":7,"code":"A"}"#),
        (&[], r#"{"__type":"\ud800","code":"A"}"#),
    ] {
        assert_eq!(named(headers, body), Named::Open, "{headers:?} {body}");
    }
}

#[test]
fn what_is_no_name_names_nothing() {
    for (headers, body) in [
        (&[][..], "{}"),
        (&["", "#"], r#"{"__type":"","code":":A"}"#),
        (&[], r#"{"__type":null,"code":7}"#),
        (&[], r#"{"__type":"A\ud800"}"#),
        (&[], r#"{"x":{"__type":"A"}}"#),
    ] {
        assert_eq!(named(headers, body), Named::Nowhere, "{headers:?} {body}");
    }
}

#[test]
fn a_number_in_code_stands_beside_a_name_in_the_body() {
    let beside = named(&[], r#"{"__type":"a#A","code":404}"#);
    let name = Name { name: "A".into(), place: Place::Type, form: Form::Namespace, modelled: None };
    assert_eq!(beside, Named::BesideNumber(name));
}
