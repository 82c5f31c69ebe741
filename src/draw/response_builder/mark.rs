//! The strings that distinguish one response from another.

/// The strings of an answer, unlike those of every other.
pub(in crate::draw) struct Mark {
    pub(super) id: String,
    pub(super) time: String,
    pub(super) message: String,
    pub(super) request_id: String,
}

impl Mark {
    /// The strings of an answer by its draw's number and its own.
    pub(in crate::draw) fn new(draw: u64, number: usize) -> Self {
        let place = draw.wrapping_mul(8).wrapping_add(number as u64);
        // Neighbours have no digits in common.
        let mixed = place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (minute, second, milli) = (mixed % 60, (mixed >> 8) % 60, (mixed >> 16) % 1_000);
        Self {
            id: format!("as-{mixed:016x}-mu-EXAMPLE3"),
            time: format!("2030-10-09T07:{minute:02}:{second:02}.{milli:03}+0000"),
            message: format!("no more today: {mixed:016x}"),
            request_id: format!("a24a0be5-0457-47bc-{:04x}-{:012x}", mixed >> 48, mixed & 0xffff_ffff_ffff),
        }
    }
}
