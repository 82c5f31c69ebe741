//! What a signature says, whether or not it is verified.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Options, Warning};
use crate::model::names;

/// How far a caller's clock may be off: AWS refuses what is five minutes old in
/// some services, and a quarter of an hour in others.
const MAX_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What is wrong with a signature, by the values of `Authorization` and
/// `X-Amz-Date`, at a time.
#[must_use]
pub fn signature(
    authorization: Option<&str>,
    date: Option<&str>,
    now: Timestamp,
    options: &Options,
) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut warn = |rule: &str, message: String| {
        if options.has(rule) {
            found.push(Warning::new(rule, message));
        }
    };
    let credential = authorization.and_then(|value| value.split_once("Credential=")).map(|(_, rest)| rest);
    let Some(credential) = credential.and_then(|rest| rest.split([',', ' ']).next()) else {
        warn(
            "signature/missing",
            "the call has no signature of version 4; the real service refuses it".into(),
        );
        return found;
    };
    let mut scope = credential.rsplit('/').skip(1);
    let (service, region) = (scope.next().unwrap_or_default(), scope.next().unwrap_or_default());
    if (region, service) != (names::SIGNING_REGION, names::SIGNING_NAME) {
        warn(
            "signature/scope",
            format!(
                "the call is signed for {region:?} and {service:?}, where the real endpoint asks for {:?} and {:?}",
                names::SIGNING_REGION,
                names::SIGNING_NAME
            ),
        );
    }
    let time = date.and_then(|date| DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok());
    let time = time.and_then(|time| time.to_zoned(TimeZone::UTC).ok()).map(|time| time.timestamp());
    if let Some(time) = time {
        let skew = now.duration_since(time);
        if skew.abs() > MAX_SKEW {
            let seconds = skew.as_secs();
            warn(
                "signature/clock",
                format!("the call is dated {seconds} seconds ago by this machine's clock"),
            );
        }
    }
    found
}
