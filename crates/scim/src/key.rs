//! Comparison keys.

/// Key of a userName.
pub fn user_name_key(text: &str) -> String {
    let _ = text;
    todo!()
}

/// Key of a caseExact=false string.
pub fn folded(text: &str) -> String {
    let _ = text;
    todo!()
}
