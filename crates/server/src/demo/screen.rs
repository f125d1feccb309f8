//! What the demonstration shows. Colour only on a terminal that wants it.

use std::io::{self, IsTerminal, Write};

/// stdout, with or without colour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    colour: bool,
}

impl Screen {
    /// Colour on a terminal, unless `NO_COLOR` is set.
    pub(crate) fn new() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: io::stdout().is_terminal() && !unwanted }
    }

    /// A heading between parts.
    pub(crate) fn part(&self, text: &str) -> io::Result<()> {
        self.line(&format!("\n{}", self.paint("1;36", text)))
    }

    /// What happens next, in a sentence.
    pub(crate) fn say(&self, text: &str) -> io::Result<()> {
        self.line(&self.paint("1", &format!("  {text}")))
    }

    /// What may be passed over.
    pub(crate) fn faint(&self, text: &str) -> io::Result<()> {
        self.line(&self.paint("2", text))
    }

    /// A plain line.
    pub(crate) fn line(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()
    }

    /// Green: as it should be.
    pub(crate) fn good(&self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Red: not as it should be.
    pub(crate) fn bad(&self, text: &str) -> String {
        self.paint("31", text)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
