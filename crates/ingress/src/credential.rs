//! Finds the credential in a request, in every shape that identity providers send (`idp-traffic.md` §9.17).
//! Says nothing about whether it is good.

use std::borrow::Cow;

use actix_web::http::header::{self, HeaderMap};
use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// Padding may be there or not.
const BASIC: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The credential's text: behind `Bearer` (any case, even twice), bare, or as the password of Basic.
pub(crate) fn find(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let mut rest = given.trim();
    if let Some(encoded) = behind(rest, "Basic") {
        return password(encoded).map(Cow::Owned);
    }
    while let Some(token) = behind(rest, "Bearer") {
        rest = token;
    }
    Some(rest).filter(|token| !token.is_empty()).map(Cow::Borrowed)
}

/// What follows a scheme's name and a blank.
fn behind<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (name, rest) = text.split_at_checked(scheme.len())?;
    let named = name.eq_ignore_ascii_case(scheme) && rest.starts_with([' ', '\t']);
    named.then(|| rest.trim_start())
}

fn password(encoded: &str) -> Option<String> {
    let pair = String::from_utf8(BASIC.decode(encoded).ok()?).ok()?;
    let (_, password) = pair.split_once(':')?;
    Some(password.trim()).filter(|token| !token.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_in_every_shape() {
        let check = |given: &str, expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, given.parse().unwrap());
            assert_eq!(find(&headers).as_deref(), expected, "{given}");
        };
        check("Bearer rct_x", Some("rct_x"));
        check("bearer rct_x", Some("rct_x"));
        check("BEARER   rct_x  ", Some("rct_x"));
        check("Bearer Bearer rct_x", Some("rct_x"));
        check("Bearer\trct_x", Some("rct_x"));
        check("  Bearer rct_x", Some("rct_x"));
        check("rct_x", Some("rct_x"));
        check("Basic dXNlcjpyY3RfeA==", Some("rct_x"));
        check("basic dXNlcjpyY3RfeA", Some("rct_x"));
        check("Basic OnJjdF94", Some("rct_x"));
        check("Basic dXNlcjo=", None);
        check("Basic dXNlcg==", None);
        check("Basic ***", None);
        check("", None);
        check("Bearer ", Some("Bearer"));
        assert_eq!(find(&HeaderMap::new()), None);
    }
}
