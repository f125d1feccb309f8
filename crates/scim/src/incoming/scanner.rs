//! Finds the lists of members in a body, byte by byte. It needs not know whether the body is JSON: what it leaves has all the structure
//! there was, and is read afterwards.

use super::Listed;
use crate::{
    Coercions, Error, Profile, json,
    patch::in_operation,
    resource::{At, Reader},
};

const MEMBERS: &str = "members";
/// Levels of objects and arrays in which something is looked for: body, operations, operation, value.
const LEVELS: usize = 4;
/// A body that isn't longer is left whole: reading it at once costs less.
const SHORT_BYTES_MAX: usize = 16 * 1024;
/// A key or path that is longer is none of those that are looked for.
const WORD_BYTES_MAX: usize = 64;

/// Where lists of members may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Under `members`.
    Group,
    /// As an operation's value, or under `members` in it.
    Patch,
}

/// What has been read of a body.
#[derive(Debug)]
pub(super) struct Scanner {
    form: Form,
    pub(super) profile: Profile,
    pub(super) coercions: Coercions,
    /// No more than so many bytes are left as they are; `None`: there were more.
    short_bytes_max: Option<usize>,
    /// Everything but the elements.
    pub(super) rest: Vec<u8>,
    /// The lists, in the order in which they stand.
    pub(super) lists: Vec<Listed>,
    place: Place,
    text: Text,
    /// What is open around the next byte, up to [`LEVELS`]; `deeper`: how many more.
    levels: Vec<Level>,
    deeper: usize,
    /// The key, path or element at hand.
    part: Vec<u8>,
    /// What the operation at hand says of its path.
    path: Path,
    /// Levels that are open within the element at hand.
    depth: usize,
}

/// What is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Around,
    /// In a list: before an element, or behind one.
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

/// An open object or array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// `None`: a key comes next.
    Object(Option<Key>),
    /// How many elements lie before.
    Array(usize),
}

/// The keys that lead to lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Members,
    Operations,
    Path,
    Value,
    Other,
}

/// An operation's path, as far as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Path {
    None,
    Members,
    Other,
}

impl Scanner {
    pub(super) fn new(form: Form, profile: Profile) -> Self {
        Self {
            form,
            profile,
            coercions: Coercions::default(),
            short_bytes_max: Some(SHORT_BYTES_MAX),
            rest: Vec::new(),
            lists: Vec::new(),
            place: Place::Around,
            text: Text::Outside,
            levels: Vec::new(),
            deeper: 0,
            part: Vec::new(),
            path: Path::None,
            depth: 0,
        }
    }

    /// Looks for lists from the first byte on, however short the body is.
    #[cfg(test)]
    pub(super) const fn scan_at_once(&mut self) {
        self.short_bytes_max = None;
    }

    pub(super) fn take(&mut self, chunk: &[u8]) -> Result<(), Error> {
        let Some(bytes_max) = self.short_bytes_max else { return self.scan(chunk) };
        self.rest.extend_from_slice(chunk);
        if self.rest.len() <= bytes_max {
            return Ok(());
        }
        self.short_bytes_max = None;
        let first = std::mem::take(&mut self.rest);
        self.scan(&first)
    }

    fn scan(&mut self, chunk: &[u8]) -> Result<(), Error> {
        for byte in chunk {
            match self.place {
                Place::Around => self.around(*byte),
                Place::Before | Place::Behind => self.between(*byte)?,
                Place::Element => self.element(*byte)?,
            }
        }
        Ok(())
    }

    fn around(&mut self, byte: u8) {
        self.rest.push(byte);
        if self.text != Text::Outside {
            self.in_text(byte);
            if self.text == Text::Outside {
                self.end_text();
            } else if self.part.len() <= WORD_BYTES_MAX {
                self.part.push(byte);
            }
            return;
        }
        match byte {
            b'"' => {
                self.text = Text::Inside;
                self.part.clear();
            }
            b'{' => self.open(Level::Object(None)),
            b'[' => match self.list() {
                Some(listed) => {
                    self.lists.push(listed);
                    self.place = Place::Before;
                }
                None => self.open(Level::Array(0)),
            },
            b'}' | b']' => self.close(),
            b',' => self.comma(),
            _ => {}
        }
    }

    fn open(&mut self, level: Level) {
        if self.deeper > 0 || self.levels.len() == LEVELS {
            self.deeper += 1;
            return;
        }
        self.levels.push(level);
        if let [Level::Object(_), Level::Array(_), Level::Object(_)] = self.levels[..] {
            self.path = Path::None;
        }
    }

    fn close(&mut self) {
        match self.deeper.checked_sub(1) {
            Some(deeper) => self.deeper = deeper,
            None => drop(self.levels.pop()),
        }
    }

    fn comma(&mut self) {
        if self.deeper > 0 {
            return;
        }
        match self.levels.last_mut() {
            Some(Level::Object(key)) => *key = None,
            Some(Level::Array(index)) => *index += 1,
            None => {}
        }
    }

    /// A string ends: a key, a path, or neither.
    fn end_text(&mut self) {
        if self.deeper > 0 {
            return;
        }
        // Cut off, a long word may look like one of those.
        let word = Some(&self.part).filter(|part| part.len() <= WORD_BYTES_MAX);
        let word = word.and_then(|part| std::str::from_utf8(part).ok());
        if let Some(Level::Object(key @ None)) = self.levels.last_mut() {
            *key = Some(Key::of(word));
        } else if let Some((_, [Level::Object(Some(Key::Path))])) = self.operation() {
            self.path = Path::of(word);
        }
    }

    /// The operation that is open: which one, and what is open in it.
    fn operation(&self) -> Option<(usize, &[Level])> {
        match &self.levels[..] {
            [Level::Object(Some(Key::Operations)), Level::Array(at), within @ ..] => {
                Some((*at, within))
            }
            _ => None,
        }
    }

    /// The list that begins here, if it is one of members.
    fn list(&self) -> Option<Listed> {
        if self.deeper > 0 {
            return None;
        }
        let is_value = |level: &Level| *level == Level::Object(Some(Key::Value));
        let is_members = |level: &Level| *level == Level::Object(Some(Key::Members));
        let (operation, is_within) = match self.form {
            Form::Group => {
                let is_list = self.levels.iter().all(is_members) && self.levels.len() == 1;
                (is_list && self.lists.is_empty()).then_some((0, false))
            }
            Form::Patch => match (self.operation()?, self.path) {
                ((at, [value]), Path::Members) if is_value(value) => Some((at, false)),
                ((at, [value, members]), Path::None) if is_value(value) && is_members(members) => {
                    Some((at, true))
                }
                ((_, _), Path::None | Path::Members | Path::Other) => None,
            },
        }?;
        Some(Listed { operation, is_within, count: 0, members: Vec::new() })
    }

    fn between(&mut self, byte: u8) -> Result<(), Error> {
        let count = self.lists.last().map_or(0, |listed| listed.count);
        match (self.place, byte) {
            (_, b' ' | b'\n' | b'\r' | b'\t') => {}
            (Place::Behind, b',') => self.place = Place::Before,
            (place, b']') if place == Place::Behind || count == 0 => {
                self.rest.push(byte);
                self.place = Place::Around;
            }
            (Place::Before, byte) if byte != b',' && byte != b']' => {
                self.place = Place::Element;
                self.part.clear();
                self.element(byte)?;
            }
            _ => {
                let detail = format!("members[{count}]: a comma too many or too few");
                return Err(self.located(Error::invalid_syntax(detail)));
            }
        }
        Ok(())
    }

    fn element(&mut self, byte: u8) -> Result<(), Error> {
        let is_scalar = self.text == Text::Outside && self.depth == 0;
        if is_scalar && !self.part.is_empty() && matches!(byte, b',' | b']') {
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
                if self.depth == 0 {
                    self.end_element()?;
                }
            }
            (Text::Outside, _) => {}
        }
        Ok(())
    }

    fn end_element(&mut self) -> Result<(), Error> {
        let index = self.lists.last().map_or(0, |listed| listed.count);
        let element = json::parse(&self.part).map_err(|error| {
            Error::invalid_syntax(format!("{MEMBERS}[{index}]: {}", error.detail))
        });
        let (profile, coercions) = (self.profile, &mut self.coercions);
        let top = At::Top(MEMBERS);
        let at = At::Element(&top, index);
        let member = element.and_then(|it| Reader { profile, coercions }.member(it, at));
        let member = member.map_err(|error| self.located(error))?;
        if let Some(listed) = self.lists.last_mut() {
            listed.count += 1;
            listed.members.extend(member);
        }
        self.part.clear();
        self.place = Place::Behind;
        self.depth = 0;
        Ok(())
    }

    /// An error in the list at hand, with the operation's place in its text.
    fn located(&self, error: Error) -> Error {
        match (self.form, self.lists.last()) {
            (Form::Patch, Some(listed)) => in_operation(listed.operation, error),
            (Form::Patch | Form::Group, _) => error,
        }
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

impl Key {
    fn of(word: Option<&str>) -> Self {
        let Some(word) = word else { return Self::Other };
        let keys = [
            (MEMBERS, Self::Members),
            ("Operations", Self::Operations),
            ("path", Self::Path),
            ("value", Self::Value),
        ];
        let known = keys.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
        known.map_or(Self::Other, |(_, key)| key)
    }
}

impl Path {
    fn of(word: Option<&str>) -> Self {
        match word.map(str::trim) {
            Some("") => Self::None,
            Some(members) if members.eq_ignore_ascii_case(MEMBERS) => Self::Members,
            Some(_) | None => Self::Other,
        }
    }
}
