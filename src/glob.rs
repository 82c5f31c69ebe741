//! Globs of fixture ids and client names: `*` for any text, `?` for any
//! character, `[a-z]` and `[!a-z]` for one of a set, `{a,b}` for one of several
//! globs, `\` before a character that stands for itself. `*` matches `/`, too.

/// The longest glob, in characters.
const MOST: usize = 4_096;

/// A compiled glob.
#[derive(Debug, Clone)]
pub(crate) struct Glob(Vec<Token>);

#[derive(Debug, Clone)]
enum Token {
    Char(char),
    AnyChar,
    AnyText,
    OneOf { ranges: Vec<(char, char)>, is_negated: bool },
    Either(Vec<Vec<Token>>),
}

/// Why a glob is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GlobError {
    #[error("it is longer than {MOST} characters")]
    Long,
    #[error("a [ has no ] after it")]
    Set,
    #[error("a {{ has no }} after it")]
    Open,
    #[error("a }} has no {{ before it")]
    Close,
    #[error("a {{ stands inside of another: write one for each")]
    Nested,
    #[error("a \\ has nothing after it")]
    Escape,
}

impl Glob {
    /// Compiles a glob.
    ///
    /// # Errors The reason.
    pub(crate) fn new(glob: &str) -> Result<Self, GlobError> {
        if glob.chars().nth(MOST).is_some() {
            return Err(GlobError::Long);
        }
        let mut tokens = Vec::new();
        // The finished globs between braces, while such are read.
        let mut either: Option<Vec<Vec<Token>>> = None;
        let mut branch = Vec::new();
        let mut rest = glob.chars();
        while let Some(c) = rest.next() {
            let token = match (c, &mut either) {
                ('*', _) => Token::AnyText,
                ('?', _) => Token::AnyChar,
                ('[', _) => set(&mut rest)?,
                ('\\', _) => Token::Char(rest.next().ok_or(GlobError::Escape)?),
                ('{', Some(_)) => return Err(GlobError::Nested),
                ('{', none) => {
                    *none = Some(Vec::new());
                    continue;
                }
                (',', Some(branches)) => {
                    branches.push(std::mem::take(&mut branch));
                    continue;
                }
                ('}', None) => return Err(GlobError::Close),
                ('}', some) => {
                    let mut branches = some.take().unwrap_or_default();
                    branches.push(std::mem::take(&mut branch));
                    Token::Either(branches)
                }
                (c, _) => Token::Char(c),
            };
            if either.is_some() { branch.push(token) } else { tokens.push(token) }
        }
        if either.is_some() { Err(GlobError::Open) } else { Ok(Self(tokens)) }
    }

    /// Whether a string matches as a whole. The time is at most proportional to
    /// the length of the glob times that of the text.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<_> = text.chars().collect();
        let mut places = vec![false; text.len() + 1];
        if let Some(first) = places.first_mut() {
            *first = true;
        }
        after(&self.0, &text, places).last() == Some(&true)
    }
}

/// The characters between `[` and `]`.
fn set(rest: &mut std::str::Chars<'_>) -> Result<Token, GlobError> {
    let mut inside: Vec<char> = Vec::new();
    let is_negated = matches!(rest.as_str().chars().next(), Some('!' | '^'));
    if is_negated {
        rest.next();
    }
    loop {
        match rest.next().ok_or(GlobError::Set)? {
            // As the first of the set, it is one of them.
            ']' if !inside.is_empty() => break,
            c => inside.push(c),
        }
    }
    let mut ranges = Vec::new();
    let mut inside = inside.as_slice();
    loop {
        inside = match inside {
            [] => return Ok(Token::OneOf { ranges, is_negated }),
            [from, '-', to, others @ ..] => {
                ranges.push((*from, *to));
                others
            }
            [c, others @ ..] => {
                ranges.push((*c, *c));
                others
            }
        };
    }
}

/// Where in a string tokens can end that begin at one of these places. There is a
/// place before each character, and one at the end.
fn after(tokens: &[Token], text: &[char], mut places: Vec<bool>) -> Vec<bool> {
    for token in tokens {
        let one = |is: &dyn Fn(char) -> bool| {
            let next = places.iter().zip(text).map(|(begins, c)| *begins && is(*c));
            std::iter::once(false).chain(next).collect()
        };
        places = match token {
            Token::Char(expected) => one(&|c| c == *expected),
            Token::AnyChar => one(&|_| true),
            Token::OneOf { ranges, is_negated } => {
                one(&|c| ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != *is_negated)
            }
            Token::AnyText => {
                let begun = places.iter().scan(false, |begun, begins| {
                    *begun |= begins;
                    Some(*begun)
                });
                begun.collect()
            }
            Token::Either(branches) => {
                let mut ends = vec![false; places.len()];
                for branch in branches {
                    let of = after(branch, text, places.clone());
                    ends.iter_mut().zip(of).for_each(|(ends, of)| *ends |= of);
                }
                ends
            }
        };
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_a_shell_has_them() {
        for (glob, text, is) in [
            ("error/a", "error/a", true),
            ("error/a", "error/ab", false),
            ("", "", true),
            ("*", "error/a", true),
            ("error/*", "error/a", true),
            ("error/*-b", "error/a-c", false),
            ("*b*", "abc", true),
            ("e?ror", "error", true),
            ("e?rror", "error", false),
            ("[a-e]rror", "error", true),
            ("[!a-e]rror", "error", false),
            ("[]x]", "]", true),
            ("error/{a,b*}", "error/bcd", true),
            ("error/{a,b}", "error/c", false),
            ("{a,}b", "b", true),
            ("a,b", "a,b", true),
            (r"\*", "*", true),
            (r"\*", "a", false),
            ("naïve?", "naïveé", true),
        ] {
            assert_eq!(Glob::new(glob).is_ok_and(|glob| glob.matches(text)), is, "{glob} {text}");
        }
    }

    #[test]
    fn a_glob_that_is_none_says_why() {
        let error = |glob: &str| Glob::new(glob).err();
        assert_eq!(error("["), Some(GlobError::Set));
        assert_eq!(error("[]"), Some(GlobError::Set));
        assert_eq!(error("{a"), Some(GlobError::Open));
        assert_eq!(error("a}"), Some(GlobError::Close));
        assert_eq!(error("{a,{b}}"), Some(GlobError::Nested));
        assert_eq!(error("\\"), Some(GlobError::Escape));
        assert_eq!(error(&"*".repeat(100_000)), Some(GlobError::Long));
    }

    /// It would take forever to try each way in which the stars could match.
    #[test]
    fn many_stars_are_no_more_work_than_few() {
        let glob = Glob::new(&format!("{}b", "*a".repeat(2_000))).map(|glob| glob.matches(&"a".repeat(300)));
        assert_eq!(glob, Ok(false));
    }
}
