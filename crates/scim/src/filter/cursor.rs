//! A place in a filter's text: what comes next, and an error that says where it stands.
//! Knows tokens, no grammar.

use super::{Literal, Op};
use crate::{
    Error,
    path::{AttributePath, in_path, is_name},
};

/// A place in the text of a filter or path.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    /// In bytes; always between two characters.
    at: usize,
    /// What the text is, for errors.
    what: &'static str,
}

impl<'a> Cursor<'a> {
    /// At the start of the text.
    pub(crate) const fn new(text: &'a str, what: &'static str) -> Self {
        Self { text, at: 0, what }
    }

    /// Moves on by that many bytes.
    pub(crate) const fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// What hasn't been read yet.
    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// 400 `invalidFilter` at the place in front of the cursor, counted in characters from 1.
    pub(super) fn expected(&self, what: &str) -> Error {
        let character = self.text.get(..self.at).unwrap_or_default().chars().count() + 1;
        let subject = self.what;
        Error::invalid_filter(format!("{subject}, character {character}: expected {what}"))
    }

    /// The next byte, if it is the start of a character that means something to the grammar.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Moves over blanks.
    pub(super) fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    /// Moves over that byte if it is next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Moves over that word, in any case, if it is next and whole.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.run(in_path).eq_ignore_ascii_case(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// `name`, `name.sub`, `urn:…:name.sub`.
    pub(super) fn attribute_path(&mut self, or: &str) -> Result<AttributePath, Error> {
        let text = self.run(in_path);
        let path = AttributePath::split(text)
            .ok_or_else(|| self.expected(&format!("an attribute{or}")))?;
        self.at += text.len();
        Ok(path)
    }

    /// A sub-attribute's name.
    pub(super) fn sub_attribute(&mut self) -> Result<AttributePath, Error> {
        let name = self.run(in_path);
        if !is_name(name) {
            return Err(self.expected("a sub-attribute"));
        }
        self.at += name.len();
        Ok(AttributePath { urn: None, name: name.to_owned(), sub: None })
    }

    /// An operator; None is `pr`.
    pub(super) fn operator(&mut self) -> Result<Option<Op>, Error> {
        let word =
            self.run(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'"' | b')' | b']'));
        let op = if word.eq_ignore_ascii_case("pr") {
            None
        } else {
            let op = Op::ALL.into_iter().find(|op| word.eq_ignore_ascii_case(op.as_str()));
            let all = "one of eq ne co sw ew gt ge lt le pr";
            Some(op.ok_or_else(|| self.expected(all))?)
        };
        self.at += word.len();
        Ok(op)
    }

    /// A JSON string, number, true, false or null; or one unquoted token, which is text (Entra: `externalId eq jyoung`).
    pub(super) fn literal(&mut self) -> Result<Literal, Error> {
        if self.peek() == Some(b'"') {
            return self.quoted().map(Literal::Text);
        }
        let ends = |byte: u8| {
            matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'(' | b')' | b'[' | b']')
        };
        let token = self.run(|byte| !ends(byte));
        if token.is_empty() {
            return Err(self.expected("a value, such as \"text\", 5, true or null"));
        }
        self.at += token.len();
        Ok(match token {
            "null" => Literal::Null,
            "true" => Literal::Boolean(true),
            "false" => Literal::Boolean(false),
            _ if is_number(token) => Literal::Number(token.to_owned()),
            _ => Literal::Text(token.to_owned()),
        })
    }

    fn quoted(&mut self) -> Result<String, Error> {
        let inner = self.rest().get(1..).unwrap_or_default();
        let mut escaped = false;
        let mut plain = true;
        for (length, byte) in inner.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => (escaped, plain) = (true, false),
                b'"' => {
                    let content = inner.get(..length).unwrap_or_default();
                    let text = if plain {
                        content.to_owned()
                    } else {
                        let quoted = self.rest().get(..length + 2).unwrap_or_default();
                        serde_json::from_str(quoted)
                            .map_err(|_| self.expected("a string with JSON's escapes"))?
                    };
                    self.at += length + 2;
                    return Ok(text);
                }
                0..0x20 => return Err(self.expected("a string without control characters")),
                _ => (),
            }
        }
        Err(self.expected("a string that ends with a quotation mark"))
    }

    /// The bytes that come next and fit. They are cut between characters: what ends a run is ASCII.
    fn run(&self, fits: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.bytes().position(|byte| !fits(byte)).unwrap_or(rest.len());
        rest.get(..length).unwrap_or_default()
    }
}

/// RFC 8259 §6, for a token that has no blank in it.
fn is_number(token: &str) -> bool {
    token.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && serde_json::from_str::<serde_json::Number>(token).is_ok()
}
