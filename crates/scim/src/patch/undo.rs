//! The way back, should an operation be refused: what the changed keys held before.
//! Cheaper than a copy of the resource, of which most requests change a small part.

use serde_json::{Map, Value};

use super::change::Change;

/// Keys of a resource as they were before they were changed first, in order of change.
#[derive(Default, Debug)]
pub(super) struct Undo(Vec<Saved>);

#[derive(Debug)]
struct Saved {
    key: String,
    /// Its place among the keys at that time; None: it wasn't there.
    was: Option<(usize, Value)>,
}

impl Undo {
    /// Remembers what the change is about to touch.
    pub(super) fn save(&mut self, change: &Change, resource: &Map<String, Value>) {
        let Some(key) = change.key().filter(|key| self.0.iter().all(|saved| saved.key != *key))
        else {
            return;
        };
        let place = resource.iter().position(|(known, _)| known == key);
        let was = place.zip(resource.get(key).cloned());
        self.0.push(Saved { key: key.to_owned(), was });
    }

    /// Puts everything back into its place.
    pub(super) fn restore(self, resource: &mut Map<String, Value>) {
        for Saved { key, was } in self.0.into_iter().rev() {
            resource.shift_remove(&key);
            if let Some((place, value)) = was {
                resource.shift_insert(place.min(resource.len()), key, value);
            }
        }
    }
}
