//! How much of what others wrote a record has. It is cut when everything is
//! judged: no verdict rests on what is left.

use super::{Record, Wire};

/// The longest text of a record, in bytes: what was expected or seen, a note,
/// what a call came to.
const MAX_TEXT: usize = 8 << 10;
/// The longest request or reply of a record, in bytes.
const MAX_WIRE: usize = 16 << 10;
/// The most of a list: mismatches, notes, outcomes, exchanges.
const MAX_LIST: usize = 200;

impl Record {
    /// The record with long strings and lists cut, each with a note about it.
    pub(crate) fn bounded(mut self) -> Self {
        for mismatch in self.mismatches.iter_mut().take(MAX_LIST) {
            let texts = [&mut mismatch.expected, &mut mismatch.seen, &mut mismatch.requirement];
            texts.into_iter().for_each(|text| cut(text, MAX_TEXT));
        }
        self.notes.iter_mut().chain(&mut self.outcomes).for_each(|text| cut(text, MAX_TEXT));
        self.known.iter_mut().for_each(|text| cut(text, MAX_TEXT));
        for Wire { request, signature, reply, .. } in &mut self.wire {
            [request, reply].into_iter().chain(signature).for_each(|text| cut(text, MAX_WIRE));
        }
        self.mismatches.truncate(MAX_LIST);
        for texts in [&mut self.notes, &mut self.outcomes] {
            if let Some(more) = shorten(texts) {
                texts.push(format!("... ({more} more)"));
            }
        }
        if let Some(more) = shorten(&mut self.wire)
            && let Some(last) = self.wire.last_mut()
        {
            last.reply.push_str(&format!("\n\n... ({more} more exchanges)"));
        }
        self
    }
}

/// Cuts a list; gives how many were more.
fn shorten<T>(list: &mut Vec<T>) -> Option<usize> {
    let more = list.len().checked_sub(MAX_LIST).filter(|more| *more > 0);
    list.truncate(MAX_LIST);
    more
}

fn cut(text: &mut String, most: usize) {
    let length = text.len();
    if length > most {
        text.truncate(text.floor_char_boundary(most));
        text.push_str(&format!("... (cut, {length} bytes)"));
        text.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_text_is_cut_between_characters() {
        let cut = |text: &str, most| {
            let mut text = text.to_owned();
            cut(&mut text, most);
            text
        };
        assert_eq!(cut("naïve", 6), "naïve");
        assert_eq!(cut("naïve", 3), "na... (cut, 6 bytes)");
        assert_eq!(cut("naïve", 4), "naï... (cut, 6 bytes)");
    }
}
