//! Paging.

use crate::Error;

/// The part of a list that is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// 1-based.
    pub start_index: usize,
    /// At most this many.
    pub count: usize,
}

impl Page {
    /// From query parameters.
    pub fn parse(start_index: Option<&str>, count: Option<&str>) -> Result<Self, Error> {
        let _ = (start_index, count);
        todo!()
    }
}
