//! Printing and reading are inverse, for any filter and any text.

use proptest::prelude::*;

use super::super::{Filter, Literal, Node, Op};
use crate::path::AttributePath;

/// Nodes in postfix order, grown without recursion of our own.
fn filters() -> impl Strategy<Value = Filter> {
    let leaf = nodes_of_a_comparison();
    tree(leaf.clone(), tree(leaf, None)).prop_map(|nodes| Filter { nodes })
}

/// `within`: what stands in brackets, which don't nest.
fn tree(
    leaf: BoxedStrategy<Vec<Node>>,
    within: impl Into<Option<BoxedStrategy<Vec<Node>>>>,
) -> BoxedStrategy<Vec<Node>> {
    let within = within.into();
    leaf.prop_recursive(4, 24, 2, move |inner| {
        let pair = (inner.clone(), inner.clone());
        let logical = prop_oneof![
            pair.clone().prop_map(|(left, right)| [left, right, vec![Node::And]].concat()),
            pair.prop_map(|(left, right)| [left, right, vec![Node::Or]].concat()),
            inner.prop_map(|operand| [operand, vec![Node::Not]].concat()),
        ];
        let Some(within) = &within else { return logical.boxed() };
        let path = paths().prop_map(|path| AttributePath { sub: None, ..path });
        let path = path.prop_filter("the operator", |path| !path.is_plainly("not"));
        let bracketed = (within.clone(), path)
            .prop_map(|(operand, path)| [operand, vec![Node::Within(path)]].concat());
        prop_oneof![3 => logical, 1 => bracketed].boxed()
    })
    .boxed()
}

fn nodes_of_a_comparison() -> BoxedStrategy<Vec<Node>> {
    let compare = (paths(), proptest::sample::select(&Op::ALL[..]), literals())
        .prop_map(|(path, op, value)| Node::Compare { path, op, value });
    prop_oneof![4 => compare, 1 => paths().prop_map(Node::Present)]
        .prop_map(|node| vec![node])
        .boxed()
}

fn paths() -> impl Strategy<Value = AttributePath> {
    let name = "[a-zA-Z][a-zA-Z0-9_-]{0,6}|\\$ref|not|and|pr";
    let urn = "urn:[a-z]{1,5}(:[a-zA-Z0-9.]{1,6}){1,3}";
    (proptest::option::weighted(0.3, urn), name, proptest::option::weighted(0.3, name))
        .prop_map(|(urn, name, sub)| AttributePath { urn, name, sub })
        .prop_filter("not alone is the operator", |path| path.to_string() != "not")
}

fn literals() -> impl Strategy<Value = Literal> {
    prop_oneof![
        4 => any::<String>().prop_map(Literal::Text),
        1 => any::<bool>().prop_map(Literal::Boolean),
        1 => Just(Literal::Null),
        1 => any::<i64>().prop_map(|number| Literal::Number(number.to_string())),
        1 => "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?".prop_map(Literal::Number),
    ]
}

/// Text that gets further than noise would.
fn almost_filters() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(&TOKENS[..]), 0..40)
        .prop_map(|tokens| tokens.concat())
}

const TOKENS: [&str; 28] = [
    "a", "userName", "emails", ".", "value", "[", "]", "(", ")", "not", "and", "or", "eq", "pr",
    "gt", "\"x\"", "\"", "\\", "5", "true", "null", " ", " ", " ", "é", "urn:x:y", ":", "\u{0}",
];

proptest! {
    #[test]
    fn what_is_printed_reads_as_the_same(filter in filters()) {
        let text = filter.to_string();
        // The limits are another test's subject.
        prop_assume!(text.len() <= 8192);
        prop_assert_eq!(Filter::parse(&text), Ok(filter), "{}", text);
    }

    #[test]
    fn no_text_panics_and_what_is_read_prints(text in prop_oneof![any::<String>(), almost_filters()]) {
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }
    }
}
