//! The codec against its limits and its peers.

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use attachset::model::Input;
use attachset::wire::sign::{Credentials, sign, verify};
use attachset::wire::{Headers, Request, Response, decode, encode, sha256_hex};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use peers::sdk::Sdk;
use peers::{FILES, input, plain};
use serde_json::Value;

/// The one that `attachset` has; without the feature, the system's.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn credentials() -> Credentials {
    Credentials {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        session_token: None,
    }
}

/// Any fixed time.
fn time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

fn signed(input: &Input) -> Request {
    let mut request = encode::request(input, "localhost");
    sign(&mut request, &credentials(), time()).expect("a request that can be signed");
    request
}

fn encoding(c: &mut Criterion) {
    let mut group = c.benchmark_group("encode");
    for (size, files, bytes) in FILES {
        let input = input(files, bytes);
        let body = encode::input_body(&input);
        assert_eq!(plain::encode(&input), body);
        group.bench_function(BenchmarkId::new("copy", size), |b| b.iter(|| black_box(&body).to_vec()));
        group.bench_function(BenchmarkId::new("encode", size), |b| {
            b.iter(|| encode::input_body(black_box(&input)));
        });
        group.bench_function(BenchmarkId::new("serde_json", size), |b| {
            b.iter(|| plain::encode(black_box(&input)));
        });
    }
}

fn sending(c: &mut Criterion) {
    let sdk = Sdk::new(&credentials());
    let mut group = c.benchmark_group("encode and sign");
    for (size, files, bytes) in FILES {
        let input = input(files, bytes);
        let body = encode::input_body(&input);
        group.bench_function(BenchmarkId::new("encode and SHA-256", size), |b| {
            b.iter(|| sha256_hex(&encode::input_body(black_box(&input))));
        });
        group.bench_function(BenchmarkId::new("encode and sign", size), |b| {
            b.iter(|| signed(black_box(&input)));
        });
        group.bench_function(BenchmarkId::new("SDK", size), |b| {
            b.iter_batched(|| sdk.call(&input), |call| sdk.send(call), BatchSize::PerIteration);
        });
        group.bench_function(BenchmarkId::new("SHA-256", size), |b| b.iter(|| sha256_hex(black_box(&body))));
    }
}

fn signing(c: &mut Criterion) {
    let mut group = c.benchmark_group("sign");
    for (size, files, bytes) in FILES {
        let mut request = encode::request(&input(files, bytes), "localhost");
        let unsigned = request.headers.clone();
        sign(&mut request, &credentials(), time()).expect("a request that can be signed");
        assert_eq!(verify(&request, &credentials(), time()), Ok(()));
        group.bench_function(BenchmarkId::new("SHA-256", size), |b| {
            b.iter(|| sha256_hex(black_box(&request.body)));
        });
        group.bench_function(BenchmarkId::new("sign", size), |b| {
            b.iter(|| {
                request.headers.clone_from(&unsigned);
                sign(black_box(&mut request), &credentials(), time())
            });
        });
        group.bench_function(BenchmarkId::new("verify", size), |b| {
            b.iter(|| verify(black_box(&request), &credentials(), time()));
        });
    }
}

fn decoding_requests(c: &mut Criterion) {
    let mut group = c.benchmark_group("decode_request");
    for (size, files, bytes) in FILES {
        let body = encode::input_body(&input(files, bytes));
        group.bench_function(BenchmarkId::new("copy", size), |b| b.iter(|| black_box(&body).to_vec()));
        group.bench_function(BenchmarkId::new("decode", size), |b| {
            b.iter(|| decode::input(black_box(&body)));
        });
        group.bench_function(BenchmarkId::new("serde_json", size), |b| {
            b.iter(|| plain::decode(black_box(&body)));
        });
    }
}

fn decoding_responses(c: &mut Criterion) {
    const OUTPUT: &str = r#"{"attachmentSetId":"as-00000000000000000000000000000000","expiryTime":"2020-05-14T17:04:40.790+0000"}"#;
    let error = |member: &str| {
        let message = "The expiration time of the attachment set has passed.";
        format!(r#"{{"{member}":"com.amazonaws.support#AttachmentSetExpired","message":"{message}"}}"#)
    };
    let long = format!(r#"{{"__type":"InternalServerError","message":"{}"}}"#, "x".repeat(1_000_000));
    let header = ("x-amzn-errortype", "AttachmentSetExpired:http://internal.amazon.com/coral/");
    let answers = [
        ("success", 200, None, OUTPUT.into()),
        ("error in __type", 400, None, error("__type")),
        ("error in code", 400, None, error("code")),
        ("error in the header", 400, Some(header), r#"{"message":"It has passed."}"#.into()),
        ("error in the header, 1 MB message", 500, Some(header), long),
    ];
    let mut group = c.benchmark_group("decode_response");
    for (form, status, header, body) in answers {
        let response = Response { status, headers: Headers::from_iter(header), body: body.into() };
        group.bench_function(BenchmarkId::new("serde_json", form), |b| {
            b.iter(|| serde_json::from_slice::<Value>(black_box(&response.body)));
        });
        group.bench_function(BenchmarkId::new("decode", form), |b| {
            b.iter(|| decode::response(black_box(&response)));
        });
    }
}

/// Files from 1 KiB to 64 MiB, each a neighbour of the next: the time for a
/// byte must not grow.
fn lengths(c: &mut Criterion) {
    let mut group = c.benchmark_group("length");
    for (size, bytes) in [
        ("1 KiB", 1 << 10),
        ("32 KiB", 32 << 10),
        ("1 MiB", 1 << 20),
        ("8 MiB", 8 << 20),
        ("64 MiB", 64 << 20),
    ] {
        let input = input(1, bytes);
        let body = encode::input_body(&input);
        group.bench_function(BenchmarkId::new("copy", size), |b| b.iter(|| black_box(&body).to_vec()));
        group.bench_function(BenchmarkId::new("encode", size), |b| {
            b.iter(|| encode::input_body(black_box(&input)));
        });
        group.bench_function(BenchmarkId::new("decode", size), |b| {
            b.iter(|| decode::input(black_box(&body)));
        });
    }
}

criterion_group! {
    name = codec;
    config = peers::criterion();
    targets = encoding, sending, signing, decoding_requests, decoding_responses, lengths
}
criterion_main!(codec);
