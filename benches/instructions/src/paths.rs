//! The ways through the codec that its users take.

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use attachset::model::{Attachment, Input};
use attachset::wire::sign::{Credentials, sign, verify};
use attachset::wire::{Headers, Response, decode, encode};

use crate::Work;

pub(crate) fn all() -> Vec<Work> {
    let work = |name: &str, run: Box<dyn Fn()>| Work { name: name.into(), run };
    let mut all = Vec::new();
    for (size, bytes) in [("1 B", 1), ("1 KiB", 1 << 10), ("1 MiB", 1 << 20)] {
        let input = input(bytes);
        let body = encode::input_body(&input);
        all.push(work(
            &format!("encode {size}"),
            Box::new(move || drop(black_box(encode::input_body(&input)))),
        ));
        all.push(work(
            &format!("decode_request {size}"),
            Box::new(move || drop(black_box(decode::input(&body)))),
        ));
    }
    all.push(work("decode_request 1 KiB with an unknown member", {
        let body = encode::input_body(&input(1 << 10));
        let body = [br#"{"x":1,"#, body.get(1..).unwrap_or_default()].concat();
        Box::new(move || drop(black_box(decode::input(&body))))
    }));
    for (form, status, body) in [
        ("success", 200, r#"{"attachmentSetId":"as-1","expiryTime":"2020-05-14T17:04:40.790+0000"}"#.into()),
        ("an error in __type", 400, r#"{"__type":"x#AttachmentSetExpired","message":"It has."}"#.into()),
        ("an error in code", 400, r#"{"code":"AttachmentSetExpired","message":"It has."}"#.into()),
        ("1 MB message", 400, format!(r#"{{"message":"{}"}}"#, "x".repeat(1_000_000))),
    ] {
        let response = Response { status, headers: Headers::default(), body: body.into() };
        all.push(work(
            &format!("decode_response {form}"),
            Box::new(move || drop(black_box(decode::response(&response)))),
        ));
    }
    all.push(work("decode_response an error in the header", {
        let headers = Headers::from_iter([("x-amzn-errortype", "AttachmentSetExpired:http://x/")]);
        let response = Response { status: 400, headers, body: br#"{"message":"It has."}"#.into() };
        Box::new(move || drop(black_box(decode::response(&response))))
    }));
    all.push(work("error_code", {
        Box::new(|| {
            black_box(decode::error_code(black_box("com.amazonaws.support#AttachmentSetExpired:http://x/")));
        })
    }));
    for (size, bytes) in [("1 B", 1), ("1 KiB", 1 << 10)] {
        let unsigned = encode::request(&input(bytes), "localhost");
        let mut signed = unsigned.clone();
        let _ = sign(&mut signed, &credentials(), time());
        assert_eq!(verify(&signed, &credentials(), time()), Ok(()));
        all.push(work(
            &format!("sign {size}"),
            Box::new(move || drop(black_box(sign(&mut unsigned.clone(), &credentials(), time())))),
        ));
        all.push(work(
            &format!("verify {size}"),
            Box::new(move || drop(black_box(verify(&signed, &credentials(), time())))),
        ));
    }
    all
}

fn input(bytes: usize) -> Input {
    let data = (0..=u8::MAX).cycle().take(bytes).collect();
    let attachment = Attachment { file_name: Some("screenshot.png".into()), data: Some(data) };
    Input { attachments: Some(vec![attachment]), ..Input::default() }
}

fn credentials() -> Credentials {
    Credentials {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "secret".into(),
        session_token: None,
    }
}

/// Any fixed time.
fn time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}
