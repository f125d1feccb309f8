//! Resources of a tenant's own types: by id, by page, by index, by scan. The same questions as of users and groups.

use events::{ResourceId, Seq};
use scim::sort::Key as SortKey;
use scim::{Lookup, Page, Query, Sort};
use uuid::Uuid;

use super::in_order;
use super::rows::{Facts, Own};
use crate::store::custom::{Custom, OfType};
use crate::store::slots::Slot;
use crate::{CustomView, Directory, ScanFrom, Scanned};

impl Directory {
    /// One resource of a type.
    pub fn custom(&self, name: &str, id: ResourceId) -> Option<CustomView> {
        self.customs.of(name)?.get(id).map(|(_, custom)| view(custom))
    }

    /// How many of a type there are.
    pub fn custom_count(&self, name: &str) -> usize {
        self.customs.of(name).map_or(0, |of| of.slots().len())
    }

    /// A page of all of a type, in creation order.
    pub fn customs_page(&self, name: &str, page: Page) -> Vec<CustomView> {
        let Some(of) = self.customs.of(name) else { return Vec::new() };
        let customs = of.slots().page(page.start_index.saturating_sub(1));
        customs.take(page.count).map(|(_, custom)| view(custom)).collect()
    }

    /// The first of a type behind a place in creation order.
    pub fn customs_behind(&self, name: &str, from: ScanFrom, count: usize) -> Vec<CustomView> {
        let Some(of) = self.customs.of(name) else { return Vec::new() };
        of.slots().from(behind(of, from)).take(count).map(|(_, custom)| view(custom)).collect()
    }

    /// Those of a type that the look-ups find and the query matches, in creation order.
    pub fn lookup_customs(&self, name: &str, lookups: &[Lookup], query: &Query) -> Vec<CustomView> {
        let Some(of) = self.customs.of(name) else { return Vec::new() };
        let mut own = Own::of_custom(query, name);
        let found = in_order(lookups, |lookup| find(of, lookup)).into_iter();
        let customs = found.filter_map(|slot| of.slots().get(slot));
        customs.filter(|custom| own.has(&facts(custom))).map(view).collect()
    }

    /// Looks at up to `rows` of a type from `from` on. Go on at `next` under a new lock.
    pub fn scan_customs(
        &self,
        name: &str,
        query: &Query,
        (from, rows): (ScanFrom, usize),
    ) -> Scanned<CustomView> {
        let mut scanned = Scanned { found: Vec::new(), scanned: 0, next: None };
        let Some(of) = self.customs.of(name) else { return scanned };
        let mut own = Own::of_custom(query, name);
        let mut last = from;
        for (_, custom) in of.slots().from(behind(of, from)) {
            if scanned.scanned >= rows {
                scanned.next = Some(last);
                break;
            }
            last = ScanFrom(custom.born);
            scanned.scanned += 1;
            if own.has(&facts(custom)) {
                scanned.found.push(view(custom));
            }
        }
        scanned
    }

    /// What those of a type are ordered by, those that are there.
    pub fn sort_customs(&self, name: &str, ids: &[Uuid], sort: &Sort) -> Vec<(SortKey, Uuid)> {
        let Some(of) = self.customs.of(name) else { return Vec::new() };
        let mut own = Own::of_custom(sort.query(), name);
        let customs = ids.iter().filter_map(|id| of.get(ResourceId::new(*id)));
        customs.map(|(_, custom)| (sort.key(own.row(&facts(custom))), custom.id.uuid())).collect()
    }
}

fn behind(of: &OfType, from: ScanFrom) -> Slot {
    of.slots().beyond(|custom| custom.born <= from.0)
}

fn find(of: &OfType, lookup: &Lookup) -> Vec<Slot> {
    match lookup {
        Lookup::Id(id) => {
            let id = Uuid::try_parse(id).ok().filter(|uuid| uuid.to_string() == *id);
            id.and_then(|id| of.by_id(ResourceId::new(id))).into_iter().collect()
        }
        Lookup::ExternalId(id) => of.by_external_id(id).to_vec(),
        // These are asked of users and groups only.
        Lookup::UserName(_)
        | Lookup::EmployeeNumber(_)
        | Lookup::Email { .. }
        | Lookup::DisplayName(_)
        | Lookup::Member(_) => Vec::new(),
    }
}

fn facts(custom: &Custom) -> Facts<'_> {
    Facts {
        resource: &custom.facts.resource,
        id: custom.id.uuid(),
        active: None,
        version: custom.version,
        created: custom.created,
        modified: custom.modified,
    }
}

fn view(custom: &Custom) -> CustomView {
    let Custom { id, version, born, created, modified, facts } = custom;
    let (version, born): (Seq, Seq) = (*version, *born);
    CustomView {
        id: *id,
        version,
        born,
        created: *created,
        modified: *modified,
        resource: facts.resource.clone(),
    }
}
