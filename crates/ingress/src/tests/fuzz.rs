//! Any bytes at all as query string and cursor: an answer or a refusal, never a fall.

use std::panic::AssertUnwindSafe;

use bolero::check;

use super::house::House;
use crate::query::Query;

const ITERATIONS: usize = 1_000;

#[test]
fn query_string() {
    check!().with_iterations(ITERATIONS).for_each(|bytes| {
        let text = String::from_utf8_lossy(bytes);
        let query = Query::new(&text);
        let _answers = (query.filter(), query.text("attributes"), query.has("cursor"));
        let _search = crate::search::Search::of_query(query).map(|search| search.paging());
    });
}

/// Nobody but the gateway makes a cursor: whatever else is sent is refused, and nothing of it is believed.
#[test]
fn cursor() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (house, runtime) =
        (AssertUnwindSafe(runtime.block_on(House::new())), AssertUnwindSafe(runtime));
    check!().with_iterations(ITERATIONS / 10).for_each(|bytes: &[u8]| {
        let cursor: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
        let ask = house.acme("GET", &format!("/Users?count=1&cursor={cursor}")).send();
        let status = runtime.block_on(ask).status;
        let is_empty = String::from_utf8_lossy(bytes).trim().is_empty();
        assert!(status == 400 || is_empty && status == 200, "{status}");
    });
}
