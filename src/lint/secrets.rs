//! Secrets, by the published rules of a scanner: gitleaks' `aws-access-token`,
//! `private-key`, `github-pat` and `slack-*`. What is found is never shown.

use memchr::memmem;

/// The kinds of access key ids: of a user, temporary ones, and others.
const KEYS: [&str; 4] = ["AKIA", "ASIA", "ABIA", "ACCA"];

/// How many characters follow the kind.
const KEY_CHARS: usize = 16;

/// The prefixes of tokens, and how many characters follow at least.
const TOKENS: [(&str, usize); 6] =
    [("ghp_", 36), ("gho_", 36), ("ghs_", 36), ("github_pat_", 60), ("xoxb-", 20), ("xoxp-", 20)];

/// The longest password that is looked for.
const MAX_USER_INFO: usize = 256;

/// The rules that bytes break.
pub(super) fn find(bytes: &[u8]) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    if KEYS.iter().any(|kind| has_key(bytes, kind)) {
        found.push(("secret/access-key", "has an AWS access key id in it: remove the key, and replace it"));
    }
    if has_private_key(bytes) {
        found.push(("secret/private-key", "has a private key in it: remove the key, and replace it"));
    }
    if TOKENS.iter().any(|(prefix, length)| has_token(bytes, prefix, *length)) {
        found.push(("secret/token", "has a token in it: remove the token, and revoke it"));
    }
    if has_password(bytes) {
        found.push((
            "secret/url-password",
            "has a URL with a password in it: remove it, and change the password",
        ));
    }
    found
}

fn has_key(bytes: &[u8], kind: &str) -> bool {
    memmem::find_iter(bytes, kind).any(|at| {
        let (before, rest) = bytes.split_at(at);
        let key = rest.get(..kind.len() + KEY_CHARS).unwrap_or_default();
        let is_whole = key.len() == kind.len() + KEY_CHARS
            && !before.last().is_some_and(u8::is_ascii_alphanumeric)
            && !rest.get(key.len()).is_some_and(u8::is_ascii_alphanumeric);
        // The documents' examples are none.
        is_whole
            && key
                .iter()
                .skip(kind.len())
                .all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(byte))
            && !key.ends_with(b"EXAMPLE")
    })
}

fn has_private_key(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, "-----BEGIN").any(|at| {
        let rest = bytes.split_at(at).1;
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        // A key has lines; a pattern that looks for one has not.
        line.len() < 120
            && memmem::find(line, b"PRIVATE KEY").is_some()
            && rest.get(line.len()..line.len() + 64).is_some()
    })
}

fn has_token(bytes: &[u8], prefix: &str, length: usize) -> bool {
    memmem::find_iter(bytes, prefix).any(|at| {
        let rest = bytes.split_at(at + prefix.len()).1;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(*byte, b'_' | b'-');
        rest.get(..length).is_some_and(|token| token.iter().all(is_part))
    })
}

/// Whether there is a `scheme://user:password@host`, whose password is no
/// placeholder.
fn has_password(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, "://").any(|at| {
        let (scheme, rest) = bytes.split_at(at);
        let rest = rest.get(3..).unwrap_or_default();
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"/?#\"'<>{}$*%".contains(byte);
        let authority = rest.iter().take(MAX_USER_INFO).position(is_end);
        let authority = rest.split_at(authority.unwrap_or(rest.len().min(MAX_USER_INFO))).0;
        let Some(user_info) = authority.iter().rposition(|byte| *byte == b'@') else { return false };
        let user_info = authority.split_at(user_info).0;
        let mut parts = user_info.splitn(2, |byte| *byte == b':');
        let user = parts.next().unwrap_or_default();
        let password = parts.next().unwrap_or_default();
        let is_shown = |word: &[u8]| password.eq_ignore_ascii_case(word);
        scheme.last().is_some_and(u8::is_ascii_alphanumeric)
            && !user.is_empty()
            && password.len() > 2
            && !["password", "xxx", "xxxx", "pass", "secret", "..."]
                .iter()
                .any(|word| is_shown(word.as_bytes()))
    })
}
