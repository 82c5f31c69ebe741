//! The service model as a table, and messages that are read by it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use attachset::model::{Model, Operation, Shape, Value, operation_shape};
use attachset::wire::decode::{DecodeErrorKind, NoteKind, members};

const TABLE: &str = include_str!("../../src/model/service.json");

#[test]
fn the_model_has_every_operation_of_the_service() {
    let model = Model::parse(TABLE).unwrap();
    assert_eq!(model.operations().count(), 20);
    for operation in Operation::ALL {
        assert!(operation.shape().is(operation));
        assert!(operation.exceptions().count() > 1, "{operation} has its own errors");
    }
    let shape = operation_shape("DescribeAttachment").unwrap();
    assert_eq!(shape.target(), "AWSSupport_20130415.DescribeAttachment");
    assert_eq!(shape.errors.get("InternalServerError"), Some(&500));
    assert_eq!(shape.errors.get("AttachmentIdNotFound"), Some(&400));
    assert_eq!(operation_shape("DeleteCase"), None);
}

#[test]
fn a_model_that_cannot_be_read_says_where() {
    let table = |shapes: &str| {
        let json = format!(
            r#"{{"operations": {{"Do": {{"input": "In", "output": "In", "errors": []}}}}, "shapes": {{{shapes}}}}}"#
        );
        Model::parse(&json).unwrap_err().to_string()
    };
    for (shapes, problem) in [
        ("", "Do names the shape In, which the model does not have"),
        (r#""In": {"type": "string"}"#, "the operation Do takes or gives In, which is no structure"),
        (r#""In": {"type": "map"}"#, "the shape In has the type \"map\", which is not supported"),
        (
            r#""In": {"type": "structure", "members": {"a": "List"}}, "List": {"type": "list"}"#,
            "the shape List is a list without a member",
        ),
        (
            r#""In": {"type": "structure", "members": {"a": "In"}}"#,
            "the shape In contains itself, which is not supported",
        ),
        (
            r#""In": {"type": "structure", "members": {"a": "Gone"}}"#,
            "In names the shape Gone, which the model does not have",
        ),
    ] {
        assert_eq!(table(shapes), problem);
    }
    assert!(Model::parse("{").unwrap_err().to_string().starts_with("the service model: "));
}

/// What a body comes to as an output of `DescribeTrustedAdvisorCheckResult`.
fn result(body: &str) -> Result<Value, String> {
    let shape = operation_shape("DescribeTrustedAdvisorCheckResult").unwrap();
    let (mut there, _) = members(&shape.output, body.as_bytes()).map_err(|error| error.to_string())?;
    there.remove("result").ok_or_else(|| "no result".into())
}

/// A member deep in a result.
fn summary(name: &str, value: &str) -> Result<Value, String> {
    let Value::Structure(mut result) =
        result(&format!(r#"{{"result": {{"resourcesSummary": {{"{name}": {value}}}}}}}"#))?
    else {
        return Err("no structure".into());
    };
    match result.remove("resourcesSummary") {
        Some(Value::Structure(mut summary)) => summary.remove(name).ok_or_else(|| "absent".into()),
        _ => Err("no summary".into()),
    }
}

#[test]
fn values_are_read_by_their_types() {
    assert_eq!(summary("resourcesProcessed", "9007199254740993"), Ok(Value::Whole(9_007_199_254_740_993)));
    assert_eq!(summary("resourcesProcessed", "null"), Err("absent".into()));
    let wrong = summary("resourcesProcessed", "1.5").unwrap_err();
    let place = "$.result.resourcesSummary.resourcesProcessed: invalid type: floating point `1.5`";
    assert!(wrong.starts_with(place), "{wrong}");
    let saved = |value: &str| {
        result(&format!(
            r#"{{"result": {{"categorySpecificSummary": {{"costOptimizing": {{"estimatedMonthlySavings": {value}}}}}}}}}"#
        ))
        .map(|value| format!("{value:?}"))
    };
    for (value, read) in [("1", "Double(1.0)"), ("-0.25", "Double(-0.25)"), ("\"-Infinity\"", "Double(-inf)")]
    {
        assert!(saved(value).unwrap().contains(read), "{value}");
    }
    assert!(saved("\"12\"").unwrap_err().contains("expected a number"));
    let flagged = r#"{"result": {"flaggedResources": [{"isSuppressed": true}, {"isSuppressed": 1}]}}"#;
    let wrong = result(flagged).unwrap_err();
    assert!(
        wrong.starts_with("$.result.flaggedResources[1].isSuppressed: invalid type: integer `1`"),
        "{wrong}"
    );
    assert!(result(r#"{"result": []}"#).unwrap_err().starts_with("$.result: invalid type: sequence"));
}

#[test]
fn bytes_and_what_is_odd_are_read_at_any_depth() {
    let shape = operation_shape("DescribeAttachment").unwrap();
    let body =
        br#"{"attachment": {"data": "AP8=", "size": [{}], "fileName": null, "data": "AA=="}, "more": 1}"#;
    let (there, notes) = members(&shape.output, body).unwrap();
    let Some(Value::Structure(attachment)) = there.get("attachment") else { panic!("{there:?}") };
    assert_eq!(attachment.get("data"), Some(&Value::Blob(vec![0])));
    let notes: Vec<_> = notes.iter().map(|note| (note.path.as_str(), note.kind)).collect();
    let expected = [
        ("$.attachment.size", NoteKind::Unknown),
        ("$.attachment.fileName", NoteKind::Null),
        ("$.attachment.data", NoteKind::Duplicate),
        ("$.more", NoteKind::Unknown),
    ];
    assert_eq!(notes, expected);
    let error = members(&shape.output, br#"{"attachment": {"data": "A*=="}}"#).unwrap_err();
    assert_eq!((error.path.as_str(), error.kind), ("$.attachment.data", DecodeErrorKind::Base64));
    assert_eq!(
        shape.output.shape("attachment").map(|shape| matches!(shape, Shape::Structure(_))),
        Some(true)
    );
}
