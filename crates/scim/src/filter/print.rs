//! Nodes → canonical text: lower-case operators, JSON literals, no parentheses but those that are needed.

use std::fmt;

use super::{Filter, Literal, Node};

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let starts = self.starts();
        let operand_before =
            |at: Option<usize>| at.and_then(|at| starts.get(at)).and_then(|at| at.checked_sub(1));
        let mut todo: Vec<Todo> = Vec::new();
        todo.extend(self.nodes.len().checked_sub(1).map(Todo::Node));
        while let Some(next) = todo.pop() {
            let at = match next {
                Todo::Node(at) => at,
                Todo::Text(text) => {
                    f.write_str(text)?;
                    continue;
                }
            };
            let Some(node) = self.nodes.get(at) else { continue };
            let last = at.checked_sub(1);
            match node {
                Node::Compare { path, op, value } => write!(f, "{path} {} {value}", op.as_str())?,
                Node::Present(path) => write!(f, "{path} pr")?,
                Node::Not => {
                    f.write_str("not ")?;
                    self.later(&mut todo, last, true);
                }
                Node::Within(path) => {
                    write!(f, "{path}[")?;
                    todo.push(Todo::Text("]"));
                    self.later(&mut todo, last, false);
                }
                Node::And => {
                    let first = operand_before(last);
                    self.later(&mut todo, last, self.is(last, &[Node::And, Node::Or]));
                    todo.push(Todo::Text(" and "));
                    self.later(&mut todo, first, self.is(first, &[Node::Or]));
                }
                Node::Or => {
                    let first = operand_before(last);
                    self.later(&mut todo, last, self.is(last, &[Node::Or]));
                    todo.push(Todo::Text(" or "));
                    self.later(&mut todo, first, false);
                }
            }
        }
        Ok(())
    }
}

/// What is still to be printed, last first.
enum Todo {
    Node(usize),
    Text(&'static str),
}

impl Filter {
    fn later(&self, todo: &mut Vec<Todo>, operand: Option<usize>, parentheses: bool) {
        if parentheses {
            todo.push(Todo::Text(")"));
        }
        todo.extend(operand.map(Todo::Node));
        if parentheses {
            todo.push(Todo::Text("("));
        }
    }

    fn is(&self, at: Option<usize>, one_of: &[Node]) -> bool {
        at.and_then(|at| self.nodes.get(at)).is_some_and(|node| one_of.contains(node))
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Number(text) => f.write_str(text),
            Self::Text(text) => {
                let quoted = serde_json::to_string(text).map_err(|_| fmt::Error)?;
                f.write_str(&quoted)
            }
        }
    }
}
