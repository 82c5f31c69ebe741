//! `encode` and `decode`: the reference codec on stdin and stdout.

use std::io::Read as _;
use std::time::SystemTime;

use super::{Error, Exit, UsageError, credentials, print};
use crate::cli::Encode;
use crate::wire::{decode as decoder, encode as encoder, http1, sign};

pub(super) fn encode(options: &Encode) -> Result<Exit, Error> {
    let decoded =
        decoder::input(&stdin()?).map_err(|error| UsageError(format!("standard input: {error}")))?;
    if let Some(note) = decoded.notes.first() {
        return Err(UsageError(format!("standard input: {note}")).into());
    }
    if options.host.is_empty() || !options.host.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(UsageError(format!("--host {:?}: not a host name", options.host)).into());
    }
    let mut request = encoder::request(&decoded.input, &options.host);
    if options.sign {
        let credentials = credentials()?
            .ok_or_else(|| UsageError("--sign: AWS_ACCESS_KEY_ID is not set; set it to sign with".into()))?;
        sign::sign(&mut request, &credentials, SystemTime::now()).map_err(UsageError::new)?;
    }
    print(&http1::request_bytes(&request))?;
    Ok(Exit::Conforms)
}

pub(super) fn decode() -> Result<Exit, Error> {
    let response = http1::response(&stdin()?)
        .map_err(|error| UsageError(format!("standard input: not an HTTP/1.1 response: {error}")))?;
    let outcome = serde_json::to_string(&decoder::response(&response)).map_err(UsageError::new)?;
    print(format!("{outcome}\n").as_bytes())?;
    Ok(Exit::Conforms)
}

fn stdin() -> Result<Vec<u8>, UsageError> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| UsageError(format!("standard input: {error}")))?;
    Ok(bytes)
}
