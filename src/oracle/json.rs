//! JSON as RFC 8259 has it: a plain reader that keeps what other readers drop.
//!
//! Duplicate keys, lone surrogates and bytes that are not UTF-8 stand in the
//! tree, for what a client may make of an answer depends on them.

use std::collections::HashSet;

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 500;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number as it is written.
    Number(String),
    /// A string.
    String(Text),
    /// An array.
    Array(Vec<Json>),
    /// An object's members in order, duplicates included.
    Object(Vec<(Text, Json)>),
}

/// A string's characters, with U+FFFD for what is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The characters, escapes resolved.
    pub text: String,
    /// Whether it has half of a surrogate pair.
    pub lone_surrogate: bool,
    /// Whether it has bytes that are not UTF-8.
    pub invalid_utf8: bool,
}

impl Text {
    /// The characters, if nothing had to stand in for one.
    #[must_use]
    pub fn sound(&self) -> Option<&str> {
        (!self.lone_surrogate && !self.invalid_utf8).then_some(&self.text)
    }
}

/// Why bytes are not one JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotJson {
    /// There are none but white space.
    Nothing,
    /// They end before the text does.
    Cut,
    /// They break the grammar.
    Grammar,
    /// They nest deeper than is read here.
    Deep,
}

/// What is unusual in a text that keeps the grammar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// White space between tokens.
    pub white_space: bool,
    /// An escape in a string.
    pub escapes: bool,
    /// An escape in the name of a member.
    pub escaped_names: bool,
    /// A pair of surrogates, escaped.
    pub pairs: bool,
    /// Half of a pair, escaped.
    pub lone_surrogates: bool,
    /// A string with bytes that are not UTF-8.
    pub invalid_utf8: bool,
    /// A string with characters beyond ASCII, as they are.
    pub beyond_ascii: bool,
    /// An object with two members of one name.
    pub duplicate_keys: bool,
    /// A number that a double does not hold as it is written.
    pub large_numbers: bool,
    /// How deep it nests.
    pub depth: usize,
}

/// Reads a JSON text.
///
/// # Errors
/// Where the bytes are not one.
pub fn read(bytes: &[u8]) -> Result<(Json, Features), NotJson> {
    let mut reader = Reader { rest: bytes, features: Features::default() };
    reader.space();
    if reader.rest.is_empty() {
        return Err(NotJson::Nothing);
    }
    let value = reader.value(0)?;
    reader.space();
    if reader.rest.is_empty() { Ok((value, reader.features)) } else { Err(NotJson::Grammar) }
}

impl Json {
    /// The value of a member; the last of duplicates.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Json> {
        let Self::Object(members) = self else { return None };
        members.iter().rev().find(|(of, _)| of.text == name).map(|(_, value)| value)
    }

    /// The value for `serde_json`; None where it cannot hold it unchanged.
    #[must_use]
    pub fn to_value(&self) -> Option<serde_json::Value> {
        Some(match self {
            Self::Null => serde_json::Value::Null,
            Self::Boolean(value) => (*value).into(),
            Self::Number(text) if !is_large(text) => serde_json::from_str(text).ok()?,
            Self::Number(_) => return None,
            Self::String(text) => text.sound()?.into(),
            Self::Array(items) => items.iter().map(Self::to_value).collect::<Option<_>>()?,
            Self::Object(members) => members
                .iter()
                .map(|(name, value)| Some((name.sound()?.to_owned(), value.to_value()?)))
                .collect::<Option<serde_json::Map<_, _>>>()?
                .into(),
        })
    }
}

/// Whether a double may lose something of a number.
fn is_large(text: &str) -> bool {
    let digits =
        text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).filter(u8::is_ascii_digit).count();
    digits > 15 || text.contains(['e', 'E'])
}

struct Reader<'a> {
    rest: &'a [u8],
    features: Features,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<u8, NotJson> {
        let (first, rest) = self.rest.split_first().ok_or(NotJson::Cut)?;
        self.rest = rest;
        Ok(*first)
    }

    fn peek(&self) -> Result<u8, NotJson> {
        self.rest.first().copied().ok_or(NotJson::Cut)
    }

    fn space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
            self.features.white_space = true;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, NotJson> {
        if depth > MAX_DEPTH {
            return Err(NotJson::Deep);
        }
        self.features.depth = self.features.depth.max(depth);
        match self.peek()? {
            b'{' => self.object(depth + 1),
            b'[' => self.array(depth + 1),
            b'"' => Ok(Json::String(self.string()?)),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word(b"true").map(|()| Json::Boolean(true)),
            b'f' => self.word(b"false").map(|()| Json::Boolean(false)),
            b'n' => self.word(b"null").map(|()| Json::Null),
            _ => Err(NotJson::Grammar),
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), NotJson> {
        for expected in word {
            if self.next()? != *expected {
                return Err(NotJson::Grammar);
            }
        }
        Ok(())
    }

    /// Reads the comma before another item, or the bracket after the last.
    fn more(&mut self, close: u8) -> Result<bool, NotJson> {
        self.space();
        match self.next()? {
            b',' => {
                self.space();
                Ok(true)
            }
            byte if byte == close => Ok(false),
            _ => Err(NotJson::Grammar),
        }
    }

    /// Reads the opening bracket; whether anything stands between it and the
    /// closing one.
    fn open(&mut self, close: u8) -> Result<bool, NotJson> {
        self.next()?;
        self.space();
        if self.peek()? == close {
            self.next()?;
            return Ok(false);
        }
        Ok(true)
    }

    fn array(&mut self, depth: usize) -> Result<Json, NotJson> {
        let mut items = Vec::new();
        let mut more = self.open(b']')?;
        while more {
            items.push(self.value(depth)?);
            more = self.more(b']')?;
        }
        Ok(Json::Array(items))
    }

    fn object(&mut self, depth: usize) -> Result<Json, NotJson> {
        let mut members = Vec::new();
        let mut names = HashSet::new();
        let mut more = self.open(b'}')?;
        while more {
            if self.peek()? != b'"' {
                return Err(NotJson::Grammar);
            }
            let escapes = std::mem::take(&mut self.features.escapes);
            let name = self.string()?;
            self.features.escaped_names |= self.features.escapes;
            self.features.escapes |= escapes;
            self.features.duplicate_keys |= !names.insert(name.text.clone());
            self.space();
            if self.next()? != b':' {
                return Err(NotJson::Grammar);
            }
            self.space();
            members.push((name, self.value(depth)?));
            more = self.more(b'}')?;
        }
        Ok(Json::Object(members))
    }

    fn number(&mut self) -> Result<Json, NotJson> {
        let start = self.rest;
        let digits = |reader: &mut Self| {
            let count = reader.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let starts_with_zero = reader.rest.first() == Some(&b'0');
            reader.rest = reader.rest.get(count..).unwrap_or_default();
            match (count, reader.rest.is_empty()) {
                (0, true) => Err(NotJson::Cut),
                (0, false) => Err(NotJson::Grammar),
                _ => Ok(starts_with_zero && count > 1),
            }
        };
        if self.rest.first() == Some(&b'-') {
            self.next()?;
        }
        if digits(self)? {
            return Err(NotJson::Grammar);
        }
        if self.rest.first() == Some(&b'.') {
            self.next()?;
            digits(self)?;
        }
        if let Some(b'e' | b'E') = self.rest.first() {
            self.next()?;
            if let Some(b'+' | b'-') = self.rest.first() {
                self.next()?;
            }
            digits(self)?;
        }
        let text = start.get(..start.len() - self.rest.len()).unwrap_or_default();
        let text = String::from_utf8_lossy(text).into_owned();
        self.features.large_numbers |= is_large(&text);
        Ok(Json::Number(text))
    }

    fn string(&mut self) -> Result<Text, NotJson> {
        self.next()?;
        let mut bytes = Vec::new();
        let mut lone_surrogate = false;
        loop {
            match self.next()? {
                b'"' => break,
                b'\\' => lone_surrogate |= self.escape(&mut bytes)?,
                0..=0x1f => return Err(NotJson::Grammar),
                byte => bytes.push(byte),
            }
        }
        let (text, invalid_utf8) = match String::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), true),
        };
        self.features.invalid_utf8 |= invalid_utf8;
        self.features.lone_surrogates |= lone_surrogate;
        self.features.beyond_ascii |= !text.is_ascii();
        Ok(Text { text, lone_surrogate, invalid_utf8 })
    }

    /// Reads what follows a backslash; whether it is half of a pair.
    fn escape(&mut self, out: &mut Vec<u8>) -> Result<bool, NotJson> {
        self.features.escapes = true;
        let simple = match self.next()? {
            byte @ (b'"' | b'\\' | b'/') => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => return self.unit().and_then(|unit| self.character(unit, out)),
            _ => return Err(NotJson::Grammar),
        };
        out.push(simple);
        Ok(false)
    }

    fn character(&mut self, unit: u32, out: &mut Vec<u8>) -> Result<bool, NotJson> {
        let mut code = unit;
        if let (0xd800..0xdc00, Some(rest)) = (unit, self.rest.strip_prefix(b"\\u")) {
            let before = std::mem::replace(&mut self.rest, rest);
            match self.unit()? {
                low @ 0xdc00..0xe000 => {
                    code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    self.features.pairs = true;
                }
                _ => self.rest = before,
            }
        }
        let read = char::from_u32(code);
        let mut buffer = [0; 4];
        out.extend_from_slice(
            read.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut buffer).as_bytes(),
        );
        Ok(read.is_none())
    }

    fn unit(&mut self) -> Result<u32, NotJson> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = char::from(self.next()?).to_digit(16).ok_or(NotJson::Grammar)?;
            unit = unit * 16 + digit;
        }
        Ok(unit)
    }
}
