//! Times as servers write them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How far apart two times may be that are the same.
pub(super) const NEAR: SignedDuration = SignedDuration::from_secs(5);

/// Whether two strings name the same time, give or take [`NEAR`]; none where the strings
/// differ and one is in no form that is known.
pub(super) fn are_near(one: Option<&str>, other: Option<&str>) -> Option<bool> {
    let (Some(one), Some(other)) = (one, other) else { return Some(one == other) };
    if one == other {
        return Some(true);
    }
    Some(read(one)?.duration_since(read(other)?).abs() <= NEAR)
}

/// How far from an hour after a creation its expiry may be: the documents give no
/// more than the hour.
const ABOUT: SignedDuration = SignedDuration::from_mins(5);

/// Whether an expiry is about an hour after what a clock or a `Date` says; none
/// where one of them cannot be read, or has no zone.
pub(super) fn is_an_hour_after(expiry: &str, now: &str) -> Option<bool> {
    let now = now.parse().ok().or_else(|| {
        let parser = jiff::fmt::rfc2822::DateTimeParser::new();
        parser.parse_timestamp(now).ok()
    })?;
    let hour = read_with_zone(expiry)?.duration_since(now);
    Some((hour - SignedDuration::from_hours(1)).abs() <= ABOUT)
}

/// Reads a time in the form of the documents' one example,
/// `2020-05-14T17:04:40.790+0000`, or as RFC 3339 has it, also without a zone:
/// a server has the same one each time. The documents give no rule.
fn read(text: &str) -> Option<Timestamp> {
    let without_zone = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    read_with_zone(text).or_else(|| Some(without_zone()?.timestamp()))
}

fn read_with_zone(text: &str) -> Option<Timestamp> {
    let example = || Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok();
    text.parse().ok().or_else(example)
}

#[cfg(test)]
mod tests {
    use super::{are_near, is_an_hour_after};

    const CREATION: &str = "2020-05-14T17:04:40.790+0000";

    #[test]
    fn times_are_compared_in_every_known_form() {
        for same in ["2020-05-14T17:04:40.790+0000", "2020-05-14T17:04:45Z", "2020-05-14T19:04:36.5+02:00"] {
            assert_eq!(are_near(Some(CREATION), Some(same)), Some(true), "{same}");
        }
        for other in ["2020-05-14T17:04:46Z", "2020-05-14T17:04:35.7+0000", "2020-05-14T17:04:40.790+0100"] {
            assert_eq!(are_near(Some(CREATION), Some(other)), Some(false), "{other}");
        }
        assert_eq!(are_near(Some(CREATION), None), Some(false));
        let without_zone = "2020-05-14T17:04:40.790123";
        assert_eq!(are_near(Some(without_zone), Some("2020-05-14T17:04:41")), Some(true));
        assert_eq!(are_near(Some(without_zone), Some("2020-05-14T18:04:41")), Some(false));
    }

    #[test]
    fn an_expiry_is_an_hour_after_a_clock_or_a_date() {
        let now =
            ["2020-05-14T16:04:40.790Z", "Thu, 14 May 2020 16:04:40 GMT", "Thu, 14 May 2020 16:09:40 GMT"];
        for now in now {
            assert_eq!(is_an_hour_after(CREATION, now), Some(true), "{now}");
        }
        for now in ["2020-05-14T17:04:40Z", "Thu, 14 May 2020 16:11:40 GMT", "Wed, 13 May 2020 16:04:40 GMT"]
        {
            assert_eq!(is_an_hour_after(CREATION, now), Some(false), "{now}");
        }
        assert_eq!(is_an_hour_after("2020-05-14T17:04:40.790", "2020-05-14T16:04:40Z"), None);
        assert_eq!(is_an_hour_after(CREATION, "yesterday"), None);
    }

    #[test]
    fn a_form_that_is_not_known_is_compared_as_a_text() {
        assert_eq!(are_near(Some("in an hour"), Some("in an hour")), Some(true));
        assert_eq!(are_near(Some("in an hour"), Some("in two hours")), None);
        assert_eq!(are_near(Some(CREATION), Some("1589475880")), None);
    }
}
