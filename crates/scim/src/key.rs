//! Comparison keys: two texts are the same name exactly if their keys are equal.
//! Keys compare, they never validate: every text has one.

use caseless::Caseless;
use precis_core::profile::PrecisFastInvocation;
use precis_profiles::UsernameCaseMapped;
use unicode_normalization::UnicodeNormalization;

/// The key of a userName, for uniqueness, filters and matching alike.
///
/// Its PRECIS `UsernameCaseMapped` form (RFC 8265 §3.3) where that profile accepts it, else (a blank, a mixed right-to-left
/// local part) NFKC and full case fold.
#[expect(
    clippy::module_name_repetitions,
    reason = "one of several keys, named for what it compares"
)]
pub fn user_name_key(text: &str) -> String {
    if text.is_ascii() {
        // Width mapping, NFC and NFKC leave ASCII alone; case mapping and case folding agree on it.
        return text.to_ascii_lowercase();
    }
    user_name_key_of_any(text)
}

/// The key of a string whose `caseExact` is false: its full case fold (Unicode §3.13), without normalisation.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().default_case_fold().collect()
}

fn user_name_key_of_any(text: &str) -> String {
    match UsernameCaseMapped::enforce(text) {
        Ok(enforced) => enforced.into_owned(),
        Err(_) => text.nfkc().default_case_fold().collect(),
    }
}

#[cfg(test)]
mod tests {
    use caseless::Caseless;
    use proptest::prelude::*;

    use super::{folded, user_name_key, user_name_key_of_any};

    #[test]
    fn rule_4_user_name_key_is_precis_where_it_accepts_else_nfkc_and_full_case_fold() {
        let check = |text: &str, key: &str| assert_eq!(user_name_key(text), key, "of {text:?}");
        check("BJensen@Example.COM", "bjensen@example.com");
        check("", "");
        // PRECIS accepts: width mapped, lower case, NFC; ß stays itself.
        check("Ａｄａ", "ada");
        check("JOSÉ", "josé");
        check("JOSE\u{301}", "josé");
        check("Straße", "straße");
        // PRECIS refuses a blank: NFKC and full case fold instead.
        check("Ada Lovelace", "ada lovelace");
        check("STRASSE é", "strasse é");
        check("Straße X", "strasse x");
        check("ﬁ X", "fi x");
        // A left-to-right domain behind a right-to-left local part breaks the bidi rule.
        check("אבג@Example.com", "אבג@example.com");
    }

    #[test]
    fn folded_is_the_full_case_fold() {
        let check = |text: &str, key: &str| assert_eq!(folded(text), key, "of {text:?}");
        check("Work", "work");
        check("STRASSE", "strasse");
        check("Straße", "strasse");
        check("ΣΑΣ", "σασ");
        check("e\u{301}", "e\u{301}");
    }

    proptest! {
        #[test]
        fn ascii_takes_no_other_way(text in "[\\x00-\\x7f]{0,40}") {
            prop_assert_eq!(user_name_key(&text), user_name_key_of_any(&text));
            prop_assert_eq!(folded(&text), text.chars().default_case_fold().collect::<String>());
        }

        #[test]
        fn every_text_has_a_key(text in "\\PC{0,40}|[\\x00-\\x7f\u{80}-\u{10ffff}]{0,20}") {
            prop_assert!(text.is_empty() || !user_name_key(&text).is_empty());
            prop_assert_eq!(folded(&folded(&text)), folded(&text));
        }

        #[test]
        fn names_that_differ_by_ascii_case_share_a_key(text in "[a-zA-Z0-9._@ é-]{0,30}") {
            prop_assert_eq!(user_name_key(&text), user_name_key(&text.to_ascii_uppercase()));
        }
    }
}
