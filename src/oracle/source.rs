//! What the rules of the oracle rest on: documents, and rules of this project.

use crate::fixture::Source;

/// A section of an RFC.
macro_rules! rfc {
    ($number:literal, $section:literal) => {
        $crate::fixture::Source::new(
            concat!("RFC ", $number, ", section ", $section),
            concat!("https://www.rfc-editor.org/rfc/rfc", $number, "#section-", $section),
        )
    };
}

/// A numbered rule of this project.
macro_rules! rule {
    ($number:literal) => {
        $crate::fixture::Source::new(
            concat!("project rule R", $number),
            concat!("docs/rulings.md#r", $number),
        )
    };
}

/// A question that the documents leave open.
macro_rules! open {
    ($name:literal) => {
        $crate::fixture::Source::new(
            concat!("open question open.", $name),
            concat!("docs/rulings.md#open-", $name),
        )
    };
}

pub(super) use {open, rfc, rule};

pub(super) const OPERATION: Source = Source::new(
    "AWS Support API Reference, AddAttachmentsToSet: response elements",
    "https://docs.aws.amazon.com/awssupport/latest/APIReference/API_AddAttachmentsToSet.html",
);
pub(super) const ERROR_SHAPES: Source = Source::new(
    "AWS Support service model 2013-04-15 (botocore 1.44.5), error shapes",
    "https://github.com/boto/botocore/blob/1.44.5/botocore/data/support/2013-04-15/service-2.json",
);
pub(super) const SHAPES: Source = Source::new(
    "Smithy, AWS JSON 1.1 protocol: shape serialization",
    "https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#shape-serialization",
);
pub(super) const EMPTY: Source = Source::new(
    "Smithy, AWS JSON 1.1 protocol: empty body serialization",
    "https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#empty-body-serialization",
);
pub(super) const ERRORS: Source = Source::new(
    "Smithy, AWS JSON 1.1 protocol: operation error serialization",
    "https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization",
);
pub(super) const ERROR_TESTS: Source = Source::new(
    "Smithy protocol tests for errors",
    "https://github.com/smithy-lang/smithy/blob/1.73.0/smithy-aws-protocol-tests/model/awsJson1_1/errors.smithy",
);
pub(super) const ANSWERS_IN_TIME: Source =
    Source::new("project rule user.answers-in-time", "docs/rulings.md#user-answers-in-time");
pub(super) const CRC32: Source =
    Source::new("project rule protocol.crc32-ignored", "docs/rulings.md#protocol-crc32-ignored");
