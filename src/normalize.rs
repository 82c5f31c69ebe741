//! Normalizes strings from clients, so that two runs of a client have the same findings.

/// The string in which `PORT` stands for a port that servers of fixtures and their
/// clients have for a while: five digits after `127.0.0.1:` or `localhost:`, or after the
/// word `port`.
pub(crate) fn without_ports(text: &str) -> String {
    replace_numbers(text, |before, digits| {
        let word = before.trim_end_matches([' ', '=', ':', '"', '\'', '\\']);
        let names = |suffix: &str| {
            let start = word.strip_suffix(suffix).filter(|_| word.len() < before.len())?;
            Some(!start.ends_with(char::is_alphanumeric))
        };
        let is_port = before.ends_with("127.0.0.1:")
            || before.ends_with("localhost:")
            || names("port").or(names("Port")) == Some(true);
        (digits.len() == 5 && is_port).then_some("PORT")
    })
}

/// The string in which `PID` stands for the number of a process.
#[cfg(feature = "harness")]
pub(crate) fn without_process(text: &str, id: u32) -> String {
    replace_numbers(text, |_, digits| (digits.parse() == Ok(id)).then_some("PID"))
}

/// Replaces runs of digits; `with` gets the text before them.
fn replace_numbers(text: &str, with: impl Fn(&str, &str) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, number)) =
        rest.find(|c: char| c.is_ascii_digit()).and_then(|at| rest.split_at_checked(at))
    {
        let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        let (digits, after) = number.split_at(end);
        out.push_str(before);
        let new = with(&out, digits).unwrap_or(digits);
        out.push_str(new);
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_of_the_loopback_address_is_left_out_wherever_clients_say_it() {
        for (text, steady) in [
            (
                "read tcp 127.0.0.1:43572->127.0.0.1:22914: read: connection reset by peer",
                "read tcp 127.0.0.1:PORT->127.0.0.1:PORT: read: connection reset by peer",
            ),
            (
                "HTTPConnectionPool(host='127.0.0.1', port=22914): Read timed out.",
                "HTTPConnectionPool(host='127.0.0.1', port=PORT): Read timed out.",
            ),
            (
                r#"to 127.0.0.1:22914 (connect(2) for \"127.0.0.1\" port 22914)"#,
                r#"to 127.0.0.1:PORT (connect(2) for \"127.0.0.1\" port PORT)"#,
            ),
            (r#"{\"port\":22914,\"code\":22914}"#, r#"{\"port\":PORT,\"code\":22914}"#),
            ("http://localhost:22914/", "http://localhost:PORT/"),
        ] {
            assert_eq!(without_ports(text), steady);
        }
    }

    #[test]
    fn other_numbers_stay() {
        for text in ["", "22914", "file 2 of 3 has 7340032 bytes", "Support 22914", "port 80", "port22914"] {
            assert_eq!(without_ports(text), text);
        }
    }

    #[cfg(feature = "harness")]
    #[test]
    fn the_number_of_the_process_is_left_out_and_no_part_of_another() {
        assert_eq!(
            without_process("thread 'main' (4711) panicked: 47110", 4711),
            "thread 'main' (PID) panicked: 47110"
        );
    }
}
