//! Wrong data.

use serde_json::{Value, json};

use crate::clients::edit;
use crate::clients::mutant::Defect::{Input, Request};
use crate::clients::mutant::{Mutant, mutant};

pub(crate) static BLOBS: &[Mutant] = &[
    mutant(
        "url-safe-base64",
        "encodes with the base64 alphabet of URLs",
        Request(|request| edit::base64(&mut request.body, |data| data.replace('+', "-").replace('/', "_"))),
    ),
    mutant(
        "unpadded-base64",
        "leaves out the padding of base64",
        Request(|request| edit::base64(&mut request.body, |data| data.trim_end_matches('=').into())),
    ),
    mutant(
        "mime-base64",
        "breaks base64 into lines of 76 characters",
        Request(|request| {
            edit::base64(&mut request.body, |data| {
                let lines: Vec<_> = data.as_bytes().chunks(76).map(String::from_utf8_lossy).collect();
                lines.join("\r\n")
            });
        }),
    ),
    mutant(
        "base64-line-feed",
        "ends base64 with the line feed that the base64 program writes",
        Request(|request| edit::base64(&mut request.body, |data| format!("{data}\n"))),
    ),
    mutant(
        "base64-by-pieces",
        "encodes pieces of 1000 bytes by themselves and joins them, padding and all",
        Request(|request| {
            edit::base64(&mut request.body, |data| {
                let bytes = attachset::wire::encode::from_base64(data).unwrap();
                bytes.chunks(1000).map(attachset::wire::encode::base64).collect()
            });
        }),
    ),
    mutant(
        "double-base64",
        "encodes what is encoded already",
        Request(|request| {
            edit::base64(&mut request.body, |data| attachset::wire::encode::base64(data.as_bytes()));
        }),
    ),
    mutant(
        "data-as-url",
        "sends data as a data URL",
        Request(|request| {
            edit::base64(&mut request.body, |data| format!("data:application/octet-stream;base64,{data}"));
        }),
    ),
    mutant(
        "data-as-text",
        "sends data as text, one character a byte",
        Request(|request| {
            edit::base64(&mut request.body, |data| {
                attachset::wire::latin1(&attachset::wire::encode::from_base64(data).unwrap())
            });
        }),
    ),
    mutant(
        "data-as-hex",
        "sends data in hexadecimal",
        Request(|request| {
            edit::base64(&mut request.body, |data| {
                let bytes = attachset::wire::encode::from_base64(data).unwrap();
                bytes.iter().map(|byte| format!("{byte:02x}")).collect()
            });
        }),
    ),
    mutant(
        "data-as-array",
        "sends data as an array of numbers, as a JSON library writes bytes",
        Request(|request| {
            edit::attachments(&mut request.body, |attachment| {
                if let Some(Value::String(data)) = attachment.get("data") {
                    attachment["data"] = json!(attachset::wire::encode::from_base64(data).unwrap());
                }
            });
        }),
    ),
    mutant(
        "data-through-text",
        "reads data as UTF-8 text, replacing what is not",
        Input(|input| edit::data(input, |data| String::from_utf8_lossy(data).into_owned().into_bytes())),
    ),
    mutant(
        "data-through-signed-bytes",
        "writes bytes above 127 as UTF-8 characters before it encodes them",
        Input(|input| edit::data(input, |data| attachset::wire::latin1(data).into_bytes())),
    ),
    mutant(
        "line-ends-changed",
        "opens files in text mode, which changes the ends of lines",
        Input(|input| {
            edit::data(input, |data| {
                let mut before = 0;
                let kept = data.iter().copied().filter(|byte| {
                    let keep = !(*byte == b'\n' && before == b'\r');
                    before = *byte;
                    keep
                });
                kept.map(|byte| if byte == b'\r' { b'\n' } else { byte }).collect()
            });
        }),
    ),
    mutant(
        "data-up-to-nul",
        "takes data for a C string",
        Input(|input| {
            edit::data(input, |data| data.split(|byte| *byte == 0).next().unwrap_or_default().to_vec());
        }),
    ),
    mutant(
        "data-trimmed",
        "trims white space from data",
        Input(|input| edit::data(input, |data| data.trim_ascii().to_vec())),
    ),
    mutant(
        "byte-order-mark-dropped",
        "drops a byte order mark at the start of data",
        Input(|input| edit::data(input, |data| data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data).to_vec())),
    ),
    mutant(
        "data-in-whole-triples",
        "loses the last one or two bytes that make no triple",
        Input(|input| edit::data(input, |data| data[..data.len() / 3 * 3].to_vec())),
    ),
    mutant(
        "data-cut-at-1-mib",
        "reads files into a buffer of 1 MiB",
        Input(|input| edit::data(input, |data| data[..data.len().min(1 << 20)].to_vec())),
    ),
    mutant(
        "data-from-text",
        "takes data that looks like base64 for data that is encoded already",
        Input(|input| {
            edit::data(input, |data| {
                let text = std::str::from_utf8(data).unwrap_or_default();
                let decoded = attachset::wire::encode::from_base64(text);
                decoded.ok().filter(|bytes| !bytes.is_empty()).unwrap_or_else(|| data.to_vec())
            });
        }),
    ),
    mutant(
        "empty-data-dropped",
        "leaves out data that is empty",
        Input(|input| {
            for file in edit::files(input) {
                file.data = file.data.take().filter(|data| !data.is_empty());
            }
        }),
    ),
];
