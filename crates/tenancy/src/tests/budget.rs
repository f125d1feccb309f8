//! Memory is given back by those who were used longest ago, and what is given back is the same when it is asked for again.

use super::house::{House, create, pending};

/// Users of a tenant with names of their own.
async fn fill(house: &House, tenant: &crate::Tenant, users: std::ops::Range<u128>) {
    for n in users {
        house.commit(tenant, create(n, &format!("user-{n}"))).await.unwrap();
    }
}

#[tokio::test]
async fn who_was_used_longest_ago_goes_first() {
    let house = House::new().await;
    let (acme, globex) = (house.acme().await, house.globex().await);
    fill(&house, &acme, 0..20).await;
    fill(&house, &globex, 100..110).await;
    let all = house.tenancy.keep_within(usize::MAX);
    assert_eq!((all.tenants, all.evicted), (2, 0));
    assert!(all.bytes > 30 * 500, "{all:?}");
    let before = (house.dump(&acme).await, house.dump(&globex).await);
    house.tenancy.keep_within(usize::MAX);
    // Only one of them is used from now on.
    fill(&house, &globex, 110..111).await;
    let some = house.tenancy.keep_within(all.bytes - 1);
    assert_eq!((some.tenants, some.evicted), (1, 1));
    assert!(some.bytes < all.bytes);
    assert_eq!(house.tenancy.resident_count(), 1);
    // The last one stays, however small the budget.
    assert_eq!(house.tenancy.keep_within(0).tenants, 1);
    assert_eq!(house.dump(&acme).await, before.0);
    assert_ne!(house.dump(&globex).await, before.1, "it has one more");
    house.verify().await;
}

#[tokio::test]
async fn what_is_not_durable_stays() {
    let house = House::new().await;
    let (acme, globex) = (house.acme().await, house.globex().await);
    fill(&house, &acme, 0..2).await;
    fill(&house, &globex, 0..2).await;
    house.log.hold();
    let mut coming = house.commit(&acme, create(7, "late"));
    pending(&mut coming);
    house.tenancy.keep_within(usize::MAX);
    assert_eq!(house.user_count(&globex).await.unwrap(), 2);
    assert_eq!(
        house.tenancy.keep_within(0).tenants,
        2,
        "what was used longest ago waits for the disk"
    );
    house.log.release();
    coming.await.unwrap();
    assert_eq!(house.user_count(&globex).await.unwrap(), 2);
    assert_eq!(house.tenancy.keep_within(0).tenants, 1);
    assert_eq!(house.user_count(&acme).await.unwrap(), 3);
    house.verify().await;
}
