//! The name that somebody may have meant who typed one that does not exist.

/// How alike two names have to be, from 0 to 1.
const LEAST: f64 = 0.6;

/// ` (did you mean NAME?)` with the nearest of all names; nothing where none is
/// near.
pub(crate) fn hint<T: AsRef<str>>(typed: &str, all: impl IntoIterator<Item = T>) -> String {
    nearest(typed, all).map_or_else(String::new, |name| format!(" (did you mean {}?)", name.as_ref()))
}

/// The nearest of all names, if one is near.
pub(crate) fn nearest<T: AsRef<str>>(typed: &str, all: impl IntoIterator<Item = T>) -> Option<T> {
    let all = all.into_iter().map(|name| (likeness(typed, name.as_ref()), name));
    let near = all.filter(|(likeness, _)| *likeness >= LEAST);
    near.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, name)| name)
}

/// A name without its group is as good as the whole.
fn likeness(typed: &str, name: &str) -> f64 {
    let of = |name: &str| strsim::normalized_damerau_levenshtein(typed, name);
    name.split_once('/').map_or(0.0, |(_, short)| of(short) * 0.99).max(of(name))
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn the_nearest_name_is_told_and_none_where_none_is_near() {
        let all = ["error/attachment-set-expired", "error/attachment-limit-exceeded", "success/create"];
        for (typed, meant) in [
            ("error/atachment-set-expired", " (did you mean error/attachment-set-expired?)"),
            ("attachment-set-expired", " (did you mean error/attachment-set-expired?)"),
            ("succes/create", " (did you mean success/create?)"),
            ("x", ""),
            ("", ""),
        ] {
            assert_eq!(hint(typed, all), meant, "{typed}");
        }
        assert_eq!(hint("x", [""; 0]), "");
    }
}
