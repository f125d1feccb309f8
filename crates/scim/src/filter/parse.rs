//! Text → nodes: operator precedence with an explicit stack of what is open, so that depth costs no call stack.
//! Limits are checked before the work that they bound.

use super::{Cursor, Filter, Node};
use crate::{
    Error,
    limits::{FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_NODES_MAX},
    path::AttributePath,
};

impl Filter {
    /// Reads a filter: the grammar of RFC 7644 §3.4.2.2, and what identity providers send beyond it. Errors are 400
    /// `invalidFilter` and say at which character what was expected, or which limit was passed.
    ///
    /// `emails[type eq "work"].value eq "x"` (Entra) means `emails[type eq "work" and value eq "x"]`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > FILTER_BYTES_MAX {
            let detail = format!("filter: longer than {FILTER_BYTES_MAX} bytes");
            return Err(Error::invalid_filter(detail));
        }
        let mut parser = Parser::new(Cursor::new(text, "filter"));
        parser.run(false)?;
        Ok(Self { nodes: parser.nodes })
    }

    /// Reads what stands in the brackets of a path, up to and with the closing one.
    pub(crate) fn in_brackets(cursor: &mut Cursor<'_>) -> Result<Self, Error> {
        let mut parser = Parser::new(cursor.clone());
        parser.depth = 1;
        parser.run(true)?;
        *cursor = parser.cursor;
        Ok(Self { nodes: parser.nodes })
    }
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    /// What was read, operators behind their operands.
    nodes: Vec<Node>,
    /// What waits for its end or for its second operand.
    open: Vec<Open>,
    /// Parentheses and brackets that are open.
    depth: usize,
}

enum Open {
    Parenthesis,
    Not,
    Bracket(AttributePath),
    And,
    Or,
}

/// What stands behind an operand.
enum Next {
    Operand,
    End,
}

impl<'a> Parser<'a> {
    const fn new(cursor: Cursor<'a>) -> Self {
        Self { cursor, nodes: Vec::new(), open: Vec::new(), depth: 0 }
    }

    /// `within`: the text stands in brackets, and ends with the closing one.
    fn run(&mut self, within: bool) -> Result<(), Error> {
        loop {
            self.operand(within)?;
            loop {
                match self.after_operand(within)? {
                    None => (),
                    Some(Next::Operand) => break,
                    Some(Next::End) => return Ok(()),
                }
            }
        }
    }

    /// Reads openings up to and with the next comparison.
    fn operand(&mut self, within: bool) -> Result<(), Error> {
        loop {
            self.cursor.skip_blanks();
            if self.cursor.take(b'(') {
                self.enter(Open::Parenthesis)?;
            } else if self.cursor.take_word("not") {
                self.cursor.skip_blanks();
                if !self.cursor.take(b'(') {
                    return Err(self.cursor.expected("( behind not"));
                }
                self.enter(Open::Not)?;
            } else {
                let path = self.cursor.attribute_path(", not or (")?;
                if self.cursor.peek() != Some(b'[') {
                    return self.comparison(path);
                }
                let nested = self.open.iter().any(|open| matches!(open, Open::Bracket(_)));
                if within || nested || path.sub.is_some() {
                    return Err(self.cursor.expected("an operator; brackets can't stand here"));
                }
                self.cursor.advance(1);
                self.enter(Open::Bracket(path))?;
            }
        }
    }

    /// Reads one thing behind an operand; None: it closed something, which is an operand again.
    fn after_operand(&mut self, within: bool) -> Result<Option<Next>, Error> {
        self.cursor.skip_blanks();
        match self.cursor.peek() {
            None => {
                self.settle(true)?;
                match self.open.last() {
                    Some(Open::Bracket(_)) => Err(self.cursor.expected("]")),
                    Some(_) => Err(self.cursor.expected(")")),
                    None if within => Err(self.cursor.expected("]")),
                    None => Ok(Some(Next::End)),
                }
            }
            Some(b')') => self.close_parenthesis().map(|()| None),
            Some(b']') => self.close_bracket(within),
            Some(_) if self.cursor.take_word("and") => {
                self.settle(false)?;
                self.open.push(Open::And);
                Ok(Some(Next::Operand))
            }
            Some(_) if self.cursor.take_word("or") => {
                self.settle(true)?;
                self.open.push(Open::Or);
                Ok(Some(Next::Operand))
            }
            Some(_) => Err(self.cursor.expected("and, or, a closing ) or ], or the end")),
        }
    }

    fn comparison(&mut self, path: AttributePath) -> Result<(), Error> {
        self.cursor.skip_blanks();
        let node = match self.cursor.operator()? {
            None => Node::Present(path),
            Some(op) => {
                self.cursor.skip_blanks();
                Node::Compare { path, op, value: self.cursor.literal()? }
            }
        };
        self.push(node)
    }

    fn close_parenthesis(&mut self) -> Result<(), Error> {
        self.settle(true)?;
        match self.open.pop() {
            Some(Open::Parenthesis) => (),
            Some(Open::Not) => self.push(Node::Not)?,
            Some(Open::Bracket(_) | Open::And | Open::Or) | None => {
                return Err(self.cursor.expected("no ), since none is open"));
            }
        }
        self.cursor.advance(1);
        self.depth -= 1;
        Ok(())
    }

    fn close_bracket(&mut self, within: bool) -> Result<Option<Next>, Error> {
        self.settle(true)?;
        let path = match self.open.pop() {
            Some(Open::Bracket(path)) => path,
            None if within => {
                self.cursor.advance(1);
                return Ok(Some(Next::End));
            }
            Some(Open::Parenthesis | Open::Not | Open::And | Open::Or) | None => {
                return Err(self.cursor.expected("no ], since none is open"));
            }
        };
        self.cursor.advance(1);
        if self.cursor.take(b'.') {
            self.within_limit(usize::from(matches!(self.nodes.last(), Some(Node::Or))))?;
            let sub = self.cursor.sub_attribute()?;
            self.comparison(sub)?;
            self.push(Node::And)?;
        }
        self.depth -= 1;
        self.push(Node::Within(path))?;
        Ok(None)
    }

    /// Ends the operators whose second operand is complete: `and` always, `or` unless an `and` follows.
    fn settle(&mut self, or_too: bool) -> Result<(), Error> {
        loop {
            match self.open.last() {
                Some(Open::And) => self.push(Node::And)?,
                Some(Open::Or) if or_too => self.push(Node::Or)?,
                Some(Open::Or | Open::Parenthesis | Open::Not | Open::Bracket(_)) | None => {
                    return Ok(());
                }
            }
            self.open.pop();
        }
    }

    fn enter(&mut self, open: Open) -> Result<(), Error> {
        self.within_limit(1)?;
        self.depth += 1;
        self.open.push(open);
        Ok(())
    }

    fn within_limit(&self, more: usize) -> Result<(), Error> {
        if self.depth + more > FILTER_DEPTH_MAX {
            let detail = format!("filter: more than {FILTER_DEPTH_MAX} levels deep");
            return Err(Error::invalid_filter(detail));
        }
        Ok(())
    }

    fn push(&mut self, node: Node) -> Result<(), Error> {
        if self.nodes.len() >= FILTER_NODES_MAX {
            let detail =
                format!("filter: more than {FILTER_NODES_MAX} comparisons and logical operators");
            return Err(Error::invalid_filter(detail));
        }
        self.nodes.push(node);
        Ok(())
    }
}
