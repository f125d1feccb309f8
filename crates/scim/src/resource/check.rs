//! The syntax of dateTime and binary values (RFC 7643 §2.3.5, §2.3.6). Checks only: values are kept as they were sent.

use crate::Profile;

/// True for an xsd:dateTime with both parts, with or without an offset.
pub(super) fn is_date_time(text: &str) -> bool {
    let has_both_parts = text.as_bytes().get(10) == Some(&b'T') && !text.contains('[');
    has_both_parts
        && (text.parse::<jiff::Timestamp>().is_ok()
            || text.parse::<jiff::civil::DateTime>().is_ok())
}

/// True for base64 (RFC 4648 §4). Outside strict also for the URL alphabet, without padding, and in lines.
pub(super) fn is_base64(text: &str, profile: Profile) -> bool {
    let lenient = !profile.strict;
    let body = text.trim_end_matches(|c: char| c == '=' || (lenient && matches!(c, '\r' | '\n')));
    let mut digits = 0_usize;
    for byte in body.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => digits += 1,
            b'-' | b'_' if lenient => digits += 1,
            b'\r' | b'\n' if lenient => {}
            _ => return false,
        }
    }
    let padding =
        text.get(body.len()..).map_or(0, |end| end.bytes().filter(|byte| *byte == b'=').count());
    let whole = (digits + padding).is_multiple_of(4) && padding <= 2;
    whole || (lenient && padding == 0 && digits % 4 != 1)
}

#[cfg(test)]
mod tests {
    use super::{is_base64, is_date_time};
    use crate::Profile;

    #[test]
    fn date_times() {
        let check = |text: &str, expected: bool| assert_eq!(is_date_time(text), expected, "{text}");
        check("2008-01-23T04:56:22Z", true);
        check("2008-01-23T04:56:22.123+02:00", true);
        check("2008-01-23T04:56:22", true);
        check("2008-01-23", false);
        check("2008-01-23 04:56:22Z", false);
        check("2008-13-23T04:56:22Z", false);
        check("2008-01-23T04:56:22+01:00[Europe/Berlin]", false);
        check("23.01.2008 04:56", false);
        check("", false);
        check("éééééééééé", false);
    }

    #[test]
    fn base64() {
        let check = |text: &str, lenient: bool, strict: bool| {
            assert_eq!(is_base64(text, Profile::LENIENT), lenient, "{text} lenient");
            assert_eq!(is_base64(text, Profile::STRICT), strict, "{text} strict");
        };
        check("", true, true);
        check("TWFu", true, true);
        check("TWE=", true, true);
        check("TQ==", true, true);
        check("TQ", true, false);
        check("TWFuT", false, false);
        check("TWF-_w==", true, false);
        check("TWFu\r\nTWFu\n", true, false);
        check("TQ===", false, false);
        check("=TWF", false, false);
        check("TWé=", false, false);
        check("-----BEGIN CERTIFICATE-----", false, false);
    }
}
