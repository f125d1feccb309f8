//! The registry as text, to compare two folds of one log line by line.

use super::Registry;

impl Registry {
    /// One line for the fold's place, each tenant, token and key; the same for the same history.
    pub(crate) fn dump(&self) -> Vec<String> {
        let Self { seq, at, tenants, tokens, keys, token_hashes, key_hashes } = self;
        let works = (token_hashes.len(), key_hashes.len());
        let mut lines = vec![format!("seq {seq} at {at} working tokens and keys {works:?}")];
        lines.extend(tenants.values().map(|it| format!("{it:?}")));
        lines.extend(tokens.values().map(|it| {
            format!("{it:?} works {}", token_hashes.get(&it.facts.hash) == Some(&it.id))
        }));
        lines.extend(
            keys.values()
                .map(|it| format!("{it:?} works {}", key_hashes.get(&it.hash) == Some(&it.id))),
        );
        lines
    }
}
