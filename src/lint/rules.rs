//! The rules, as one table.

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its id, which never changes once released.
    pub id: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// A document that says why.
    pub source: &'static str,
    /// Whether it is on unless it is turned off.
    pub is_default: bool,
    /// Whether it is known before the call is performed: only then can the call
    /// be refused.
    pub is_early: bool,
}

const SET: &str = "https://docs.aws.amazon.com/awssupport/latest/APIReference/API_AddAttachmentsToSet.html";
const ATTACHMENT: &str = "https://docs.aws.amazon.com/awssupport/latest/APIReference/API_Attachment.html";
const CASE: &str = "https://docs.aws.amazon.com/awssupport/latest/APIReference/API_CreateCase.html";
const CASES: &str = "https://docs.aws.amazon.com/awssupport/latest/APIReference/API_DescribeCases.html";
const RETRY: &str = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html";
const SIGNING: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html";
const FORM_DATA: &str = "https://www.rfc-editor.org/rfc/rfc6266#section-4.3";
const SCANNER: &str = "https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml";
const USER_INFO: &str = "https://www.rfc-editor.org/rfc/rfc3986#section-7.5";

const fn on(id: &'static str, source: &'static str, title: &'static str) -> Rule {
    Rule { id, title, source, is_default: true, is_early: true }
}

const fn off(id: &'static str, source: &'static str, title: &'static str) -> Rule {
    Rule { is_default: false, ..on(id, source, title) }
}

const fn late(id: &'static str, source: &'static str, title: &'static str) -> Rule {
    Rule { is_early: false, ..on(id, source, title) }
}

/// Every rule.
pub const RULES: &[Rule] = &[
    on("data/base64", ATTACHMENT, "the file's bytes are base64, which the SDK applies by itself"),
    on("data/data-url", ATTACHMENT, "the file's bytes are a data: URL"),
    on("data/hex", ATTACHMENT, "the file's bytes are hexadecimal"),
    on("data/printed-value", ATTACHMENT, "the file's bytes are what a program prints of a value"),
    on("data/path", ATTACHMENT, "the file's bytes are a path"),
    on("data/empty", ATTACHMENT, "the file has no bytes"),
    on("name/missing", ATTACHMENT, "the file has no name"),
    on("name/path", FORM_DATA, "the file's name has a folder in it"),
    on("name/extension", ATTACHMENT, "the file's name has no extension"),
    off("name/type", ATTACHMENT, "the file's type is none that the documents name"),
    on("name/duplicate", SET, "two files of a set have the same name"),
    on("size/limit", SET, "the file is allowed only where 5 MB are 5,242,880 bytes"),
    off("size/base64", SET, "the file is allowed only where 5 MB are measured before base64"),
    on("set/near-end", SET, "the set is used shortly before its end"),
    on("set/expired", SET, "the set is used after its end"),
    on("set/one-file-each", SET, "each file gets a set of its own, where a set takes three"),
    late("set/unused", SET, "the set ended without having been used in a case"),
    on("retry/unchanged", RETRY, "a call that was refused is repeated unchanged"),
    late("retry/missing", RETRY, "a call that failed for a moment is not repeated"),
    on("case/duplicate", CASE, "the same case is opened twice"),
    late("list/next-token", CASES, "the next page of a list is not asked for"),
    on("list/polled", CASES, "the same list is asked for again and again"),
    on("secret/access-key", SCANNER, "an access key is sent"),
    on("secret/private-key", SCANNER, "a private key is sent"),
    on("secret/token", SCANNER, "a token of GitHub or Slack is sent"),
    on("secret/url-password", USER_INFO, "a URL with a password is sent"),
    on("signature/missing", SIGNING, "the call is not signed"),
    on("signature/scope", SIGNING, "the call is signed for another region or service"),
    on("signature/clock", SIGNING, "the caller's clock is off"),
];

/// The rule with this id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
