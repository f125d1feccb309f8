//! A group's body as it comes in: each element of `members` is read and let go, so that a hundred thousand of them are never in memory as
//! JSON. What lies around them is read like any other body. Any way of writing that isn't recognised here is left for that reader too.

use super::{
    Draft, MemberRef, read,
    value::{At, Reader},
};
use crate::{Coercions, Error, Profile, json, schema::ResourceType};

const MEMBERS: &str = "members";

/// A body of POST or PUT, chunk by chunk.
#[derive(Debug)]
pub struct Incoming {
    profile: Profile,
    coercions: Coercions,
    place: Place,
    /// Levels of objects and arrays around what comes next, within the body or within the element.
    depth: usize,
    text: Text,
    /// Everything but the elements.
    rest: Vec<u8>,
    /// The element at hand, or the key.
    part: Vec<u8>,
    /// At the top: whether a key comes next; whether the key that was read is `members`.
    expects_key: bool,
    is_members: bool,
    /// How many elements there were; `None`: no list was met.
    count: Option<usize>,
    members: Vec<MemberRef>,
}

/// What is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Around,
    /// In the list: before an element, or behind one.
    Before,
    Behind,
    Element,
}

/// Whether a string is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    Escaped,
}

impl Incoming {
    /// Nothing yet.
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            coercions: Coercions::default(),
            place: Place::Around,
            depth: 0,
            text: Text::Outside,
            rest: Vec::new(),
            part: Vec::new(),
            expects_key: false,
            is_members: false,
            count: None,
            members: Vec::new(),
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// 400 for an element that is no member, and for a list that is none.
    pub fn take(&mut self, chunk: &[u8]) -> Result<(), Error> {
        for byte in chunk {
            match self.place {
                Place::Around => self.around(*byte),
                Place::Before | Place::Behind => self.between(*byte)?,
                Place::Element => self.element(*byte)?,
            }
        }
        Ok(())
    }

    /// The draft, after the last bytes.
    ///
    /// # Errors
    /// As of [`read`].
    pub fn finish(mut self, of: &ResourceType) -> Result<Draft, Error> {
        let mut draft = read(json::parse(&self.rest)?, of, self.profile)?;
        self.coercions.extend(draft.coercions.iter());
        draft.coercions = self.coercions;
        match self.count {
            None | Some(0) => {}
            // Elements that name nobody are no list.
            Some(_) => draft.members = (!self.members.is_empty()).then_some(self.members),
        }
        Ok(draft)
    }

    fn around(&mut self, byte: u8) {
        let is_key = self.expects_key && self.depth == 1;
        self.rest.push(byte);
        if self.text != Text::Outside {
            self.in_text(byte);
            if is_key && self.text != Text::Outside {
                self.part.push(byte);
            }
            return;
        }
        match byte {
            b'"' => {
                self.text = Text::Inside;
                self.part.clear();
                self.is_members = false;
            }
            b'{' | b'[' => {
                let is_list = byte == b'[' && self.depth == 1 && self.is_members;
                if is_list && self.count.is_none() {
                    self.place = Place::Before;
                    self.count = Some(0);
                } else {
                    self.depth += 1;
                    self.expects_key = byte == b'{' && self.depth == 1;
                }
                self.is_members = false;
            }
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b':' if self.depth == 1 => {
                self.expects_key = false;
                self.is_members = self.part.eq_ignore_ascii_case(MEMBERS.as_bytes());
            }
            b',' if self.depth == 1 => self.expects_key = true,
            b' ' | b'\n' | b'\r' | b'\t' => {}
            // Any other value than a list.
            _ => self.is_members = false,
        }
    }

    fn between(&mut self, byte: u8) -> Result<(), Error> {
        match (self.place, byte) {
            (_, b' ' | b'\n' | b'\r' | b'\t') => {}
            (Place::Behind, b',') => self.place = Place::Before,
            (Place::Behind, b']') | (Place::Before, b']') if self.may_end() => {
                self.rest.push(byte);
                self.place = Place::Around;
            }
            (Place::Before, byte) if byte != b',' && byte != b']' => {
                self.place = Place::Element;
                self.part.clear();
                self.element(byte)?;
            }
            _ => {
                let at = self.count.unwrap_or_default();
                let detail = format!(
                    "the body can't be read as JSON: members[{at}]: a comma too many or too few"
                );
                return Err(Error::invalid_syntax(detail));
            }
        }
        Ok(())
    }

    /// A list ends behind an element, or at once.
    fn may_end(&self) -> bool {
        self.place == Place::Behind || self.count == Some(0)
    }

    fn element(&mut self, byte: u8) -> Result<(), Error> {
        let is_scalar = self.text == Text::Outside && self.depth == 1;
        if is_scalar && !self.part.is_empty() && matches!(byte, b',' | b']') {
            self.place = Place::Behind;
            self.end_element()?;
            return self.between(byte);
        }
        self.part.push(byte);
        match (self.text, byte) {
            (Text::Inside | Text::Escaped, _) => self.in_text(byte),
            (Text::Outside, b'"') => self.text = Text::Inside,
            (Text::Outside, b'{' | b'[') => self.depth += 1,
            (Text::Outside, b'}' | b']') => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth <= 1 {
                    self.place = Place::Behind;
                    self.end_element()?;
                }
            }
            (Text::Outside, _) => {}
        }
        Ok(())
    }

    fn end_element(&mut self) -> Result<(), Error> {
        let index = self.count.unwrap_or_default();
        let element = json::parse(&self.part).map_err(|error| {
            Error::invalid_syntax(format!("members[{index}]: {}", error.detail))
        })?;
        let (profile, coercions) = (self.profile, &mut self.coercions);
        let top = At::Top(MEMBERS);
        let member = Reader { profile, coercions }.member(element, At::Element(&top, index))?;
        self.members.extend(member);
        self.count = Some(index + 1);
        self.part.clear();
        self.depth = 1;
        Ok(())
    }

    const fn in_text(&mut self, byte: u8) {
        self.text = match (self.text, byte) {
            (Text::Escaped, _) => Text::Inside,
            (_, b'\\') => Text::Escaped,
            (_, b'"') => Text::Outside,
            (_, _) => Text::Inside,
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schema::group;

    fn streamed(body: &[u8], chunk: usize, profile: Profile) -> Result<Draft, Error> {
        let mut incoming = Incoming::new(profile);
        body.chunks(chunk.max(1)).try_for_each(|chunk| incoming.take(chunk))?;
        incoming.finish(group())
    }

    fn whole(body: &[u8], profile: Profile) -> Result<Draft, Error> {
        read(json::parse(body)?, group(), profile)
    }

    /// Streamed or whole, it is the same draft; a refusal is one, if for what comes first.
    fn check(body: &str) {
        let kind = |error: Error| error.status;
        for profile in [Profile::LENIENT, Profile::STRICT] {
            let expected = whole(body.as_bytes(), profile).map_err(kind);
            for chunk in [1, 2, 7, 4_096] {
                let found = streamed(body.as_bytes(), chunk, profile).map_err(kind);
                assert_eq!(found, expected, "{body} in chunks of {chunk}");
            }
        }
    }

    #[test]
    fn streamed_or_whole_it_is_the_same() {
        for members in [
            r#"[]"#,
            r#"[ ]"#,
            r#"[{"value":"a"}]"#,
            r#"[ {"value":"a"} , {"value":"b","$ref":null,"display":"]},\"{["} ]"#,
            r#"["a","b"]"#,
            r#"[7, null,true]"#,
            r#"[{}]"#,
            r#"[""]"#,
            r#"null"#,
            r#""""#,
            r#"{"value":"a"}"#,
            r#"[[{"value":"a"}]]"#,
            r#"[,]"#,
            r#"[{"value":"a"},]"#,
            r#"[{"value":"a"} {"value":"b"}]"#,
            r#"[{"value":"a"}"#,
            r#"[{"value":}]"#,
            r#"[{"value":"a","VALUE":"b"}]"#,
            r#"["a" "b"]"#,
            r#"[tru]"#,
            r#"[{"value":"a"}}]"#,
        ] {
            for key in ["members", "Members", "\\u006dembers", "member", "externalId"] {
                check(&format!(r#"{{"displayName":"x","{key}":{members},"externalId2":[1]}}"#));
            }
            check(&format!(r#"{{"members":{members}}}"#));
            check(&format!(r#"{{"members":{members},"Members":[]}}"#));
            check(&format!(r#"{{"displayName":"members","x":{{"members":{members}}}}}"#));
            check(&format!(r#"{{"displayName":"members", "nickName":"members" ,"y":{members}}}"#));
            check(&format!(r#"[{{"members":{members}}}]"#));
        }
        check("\u{feff}{\"members\" : [ {\"value\" : \"a\"} ] }");
        check("");
        check("members");
    }

    proptest! {
        #[test]
        fn any_bytes_are_the_same(body in r#"\{("(members|Members|a)" ?: ?(\[(\{"value":"[a-c\\]?"\}|"x"|,| |\[|\])*\]|"x\\?"|1),?){0,3}\}?"#) {
            check(&body);
        }
    }
}
