//! Errors of `/v1` as `application/problem+json` (RFC 9457). The statuses and texts are those of `error.rs`.

use events::TxnId;
use serde_json::{Value, json};

use crate::error::{Error, Facts, shows_request_id};

/// The body.
pub(crate) fn render(error: &Error, txn: TxnId) -> Value {
    let Facts { status, detail, .. } = error.facts();
    let title = status.canonical_reason().unwrap_or("Error");
    let mut body = json!({
        "type": "about:blank",
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
    });
    if let Some(members) = body.as_object_mut().filter(|_| shows_request_id(status)) {
        members.insert("requestId".to_owned(), txn.to_string().into());
    }
    body
}
