//! Inputs that the service does not get as the caller gave them, and calls
//! that never reach it.

use attachset::model::Exception;
use attachset::wire::outcome::{ErrorKind, Outcome};

use crate::clients::edit;
use crate::clients::mutant::Defect::{AfterInput, Input, Local};
use crate::clients::mutant::{Mutant, mutant};

pub(crate) static INPUTS: &[Mutant] = &[
    mutant(
        "first-attachment-only",
        "sends the first attachment only",
        Input(|input| {
            edit::files(input).truncate(1);
        }),
    ),
    mutant(
        "two-attachments-at-most",
        "drops attachments beyond the second",
        Input(|input| {
            edit::files(input).truncate(2);
        }),
    ),
    mutant(
        "sorted-attachments",
        "sorts attachments by name",
        Input(|input| {
            edit::files(input).sort_by(|a, b| a.file_name.cmp(&b.file_name));
        }),
    ),
    mutant(
        "reversed-attachments",
        "sends attachments in reverse",
        Input(|input| {
            edit::files(input).reverse();
        }),
    ),
    mutant(
        "attachments-by-name",
        "keeps attachments in a map by name, so the last of a name wins",
        Input(|input| {
            let files = edit::files(input);
            let all = files.clone();
            let mut at = 0;
            files.retain(|file| {
                at += 1;
                all[at..].iter().all(|later| later.file_name != file.file_name)
            });
        }),
    ),
    mutant(
        "attachments-by-content",
        "drops an attachment whose content it has seen",
        Input(|input| {
            edit::files(input).dedup_by(|a, b| a.data == b.data);
        }),
    ),
    mutant(
        "data-shared",
        "gives every attachment the data of the last, by a variable that a loop captures",
        Input(|input| {
            let last = edit::files(input).last().and_then(|file| file.data.clone());
            for file in edit::files(input) {
                file.data = last.clone();
            }
        }),
    ),
    mutant("set-id-dropped", "makes a new set each time", Input(|input| input.attachment_set_id = None)),
    mutant(
        "set-id-lower-case",
        "lower-cases the set's id",
        Input(|input| {
            input.attachment_set_id = input.attachment_set_id.take().map(|id| id.to_lowercase());
        }),
    ),
    mutant(
        "set-id-trimmed",
        "trims the set's id",
        Input(|input| {
            input.attachment_set_id = input.attachment_set_id.take().map(|id| id.trim().into());
        }),
    ),
    mutant(
        "set-id-cut",
        "keeps the set's id in a column of 64 characters",
        Input(|input| {
            input.attachment_set_id = input.attachment_set_id.take().map(|id| id.chars().take(64).collect());
        }),
    ),
    mutant(
        "set-id-url-encoded",
        "percent-encodes the set's id",
        Input(|input| {
            let escape = |c: char| match c {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '~' => c.to_string(),
                _ => c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect(),
            };
            input.attachment_set_id =
                input.attachment_set_id.take().map(|id| id.chars().map(escape).collect());
        }),
    ),
    mutant(
        "attachments-pile-up",
        "reuses a request that still has the last call's attachments",
        AfterInput(|input, before| {
            let mut all = before.attachments.clone().unwrap_or_default();
            all.append(edit::files(input));
            input.attachments = Some(all);
        }),
    ),
    mutant(
        "set-id-sticks",
        "reuses a request that still has the last call's set",
        AfterInput(|input, before| {
            input.attachment_set_id =
                input.attachment_set_id.take().or_else(|| before.attachment_set_id.clone());
        }),
    ),
    mutant(
        "name-sticks",
        "reuses the file names of the last call",
        AfterInput(|input, before| {
            for (file, before) in edit::files(input).iter_mut().zip(before.attachments.iter().flatten()) {
                file.file_name.clone_from(&before.file_name);
            }
        }),
    ),
    mutant(
        "refuses-three",
        "refuses the third attachment, by an error of one",
        Local(|input| refused(input.attachments.iter().flatten().count() >= 3)),
    ),
    mutant(
        "refuses-base64-of-5-mb",
        "holds the length of base64 against the 5 MB",
        Local(|input| {
            let lengths = input.attachments.iter().flatten().flat_map(|file| &file.data).map(Vec::len);
            refused(lengths.map(|length| length.div_ceil(3) * 4).any(|length| length > 5_000_000))
        }),
    ),
    mutant(
        "refuses-5-mb-in-all",
        "holds all attachments together against the 5 MB",
        Local(|input| {
            let lengths = input.attachments.iter().flatten().flat_map(|file| &file.data).map(Vec::len);
            refused(lengths.sum::<usize>() > 5 << 20)
        }),
    ),
    mutant(
        "refuses-file-types",
        "refuses file names that do not end as one of the documents' examples",
        Local(|input| {
            let known = |name: &String| {
                [".pdf", ".jpeg", ".doc", ".log", ".text"].iter().any(|end| name.ends_with(end))
            };
            refused(!input.attachments.iter().flatten().flat_map(|file| &file.file_name).all(known))
        }),
    ),
    mutant(
        "dry-run-at-home",
        "answers a dry run by itself",
        Local(|input| {
            input.dry_run.unwrap_or_default().then(|| {
                Outcome::from(attachset::model::ServiceError {
                    code: Some(Exception::DryRunOperationException.code().into()),
                    status: 400,
                    ..Default::default()
                })
            })
        }),
    ),
    mutant(
        "sends-later",
        "reports success and sends in the background, if ever",
        Local(|input| {
            input.attachment_set_id.is_some().then(|| edit::output(input.attachment_set_id.as_deref()))
        }),
    ),
];

fn refused(refused: bool) -> Option<Outcome> {
    refused.then(|| Outcome::error(ErrorKind::Client, "this is above a limit"))
}
