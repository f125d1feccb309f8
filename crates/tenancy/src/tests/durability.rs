//! No answer rests on something undurable: whatever it says, it waits, and only for what it used.

use directory::Rejection;

use super::house::{
    House, add_member, create, create_group, delete, issue, now, patch, pending, rejected, replace,
    token, user,
};
use crate::PlatformCommand;

#[tokio::test]
async fn a_command_is_answered_when_it_is_durable() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.log.hold();
    let mut first = house.commit(&acme, create(1, "ada"));
    pending(&mut first);
    house.log.release();
    assert_eq!(first.await.unwrap(), 1);
    house.verify().await;
}

#[tokio::test]
async fn a_repeated_request_is_not_answered_before_its_first_try_is_durable() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    house.log.hold();
    let mut first = house.commit(&acme, patch(1, "Countess"));
    pending(&mut first);
    let mut again = house.commit(&acme, patch(1, "Countess"));
    pending(&mut again);
    let mut put = house.commit(&acme, replace(1, "ada", "Countess"));
    pending(&mut put);
    house.log.release();
    assert_eq!(again.await.unwrap(), 0, "nothing was left to change");
    assert_eq!(put.await.unwrap(), 0);
    assert_eq!(first.await.unwrap(), 1);
    house.verify().await;
}

#[tokio::test]
async fn what_changes_nothing_waits_for_its_own_record_only() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    house.log.hold();
    pending(&mut house.commit(&acme, create(2, "bob")));
    let mut again = house.commit(&acme, replace(1, "ada", "Ada"));
    assert_eq!(now(&mut again).unwrap().unwrap(), 0);
    house.log.release();
    house.verify().await;
}

#[tokio::test]
async fn a_group_unchanged_waits_for_the_people_it_may_have_looked_at() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    house.commit(&acme, create_group(1, "all", &[1])).await.unwrap();
    house.log.hold();
    pending(&mut house.commit(&acme, patch(1, "Countess")));
    let mut again = house.commit(&acme, add_member(1, 1));
    pending(&mut again);
    house.log.release();
    assert_eq!(again.await.unwrap(), 0);
    house.verify().await;
}

#[tokio::test]
async fn a_refusal_waits_for_what_it_rests_on() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    house.log.hold();
    let mut created = house.commit(&acme, create(2, "bob"));
    pending(&mut created);
    let mut taken = house.commit(&acme, create(3, "bob"));
    pending(&mut taken);
    let mut deleted = house.commit(&acme, delete(1));
    pending(&mut deleted);
    let mut gone = house.commit(&acme, delete(1));
    pending(&mut gone);

    assert!(house.log.release_one());
    let uniqueness = Rejection::UserNameTaken { by: user(2) };
    assert_eq!(rejected(now(&mut taken).unwrap()), uniqueness, "what it used is durable");
    pending(&mut gone);
    assert!(house.log.release_one());
    assert_eq!(rejected(now(&mut gone).unwrap()), Rejection::NoSuchUser(user(1)));
    created.await.unwrap();
    deleted.await.unwrap();
    house.log.release();
    house.verify().await;
}

#[tokio::test]
async fn a_read_waits_for_its_own_record_or_for_all_that_it_looked_through() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    house.log.hold();
    pending(&mut house.commit(&acme, create(2, "bob")));
    assert_eq!(now(&mut house.version(&acme, user(1))).unwrap().unwrap(), Some(1), "a hit");
    let mut fresh = house.version(&acme, user(2));
    let mut miss = house.version(&acme, user(3));
    let mut list = house.user_count(&acme);
    pending(&mut fresh);
    pending(&mut miss);
    pending(&mut list);
    house.log.release();
    assert_eq!(fresh.await.unwrap(), Some(2));
    assert_eq!(miss.await.unwrap(), None);
    assert_eq!(list.await.unwrap(), 2);
}

#[tokio::test]
async fn tenants_do_not_wait_for_each_other() {
    let house = House::new().await;
    let (acme, globex) = (house.acme().await, house.globex().await);
    house.commit(&globex, create(1, "ada")).await.unwrap();
    house.log.hold();
    pending(&mut house.commit(&acme, create(1, "ada")));
    assert_eq!(now(&mut house.user_count(&globex)).unwrap().unwrap(), 1);
}

#[tokio::test]
async fn a_client_that_hangs_up_loses_only_the_answer() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.log.hold();
    for n in 0..200 {
        let mut gone = house.commit(&acme, create(n, &format!("user-{n}")));
        pending(&mut gone);
        drop(gone);
        // One task may not go on for ever.
        tokio::task::yield_now().await;
    }
    let mut list = house.user_count(&acme);
    pending(&mut list);
    assert!(!house.tenancy.evict(acme.id()), "what isn't durable can't be loaded again");
    house.log.release();
    house.log.hold();
    pending(&mut house.commit(&acme, patch(1, "Countess")));
    let in_flight = acme.stream.loaded().unwrap().in_flight_count();
    assert_eq!(in_flight, 1, "what is durable is forgotten, though nobody waited for it");
    house.log.release();
    assert_eq!(list.await.unwrap(), 200);
    drop(house.commit(&acme, create_group(1, "all", &[1, 2])));
    house.commit(&acme, create_group(1, "all", &[1, 2])).await.unwrap();
    assert!(house.tenancy.evict(acme.id()));
    assert_eq!(house.user_count(&acme).await.unwrap(), 200);
    house.verify().await;
}

#[tokio::test]
async fn eviction_needs_nobody_who_waited() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.log.hold();
    pending(&mut house.commit(&acme, create(1, "ada")));
    house.log.release();
    assert!(house.tenancy.evict(acme.id()));
    assert_eq!(house.tenancy.resident_count(), 1, "globex stays");
    assert_eq!(house.user_count(&acme).await.unwrap(), 1);
}

#[tokio::test]
async fn a_credential_counts_from_and_until_what_is_durable() {
    let house = House::new().await;
    house.log.hold();
    let mut issued = house.administer(issue(1, "acme", "rct_a"));
    pending(&mut issued);
    let mut opened = house.opens("rct_a", None);
    let mut unknown = house.opens("rct_b", None);
    pending(&mut opened);
    pending(&mut unknown);
    house.log.release();
    assert_eq!(opened.await.as_deref(), Some("acme"));
    assert_eq!(unknown.await, None);
    issued.await.unwrap();

    house.log.hold();
    let acme = house.acme().await;
    let revoke = PlatformCommand::RevokeToken { tenant: acme.id().clone(), token: token(1) };
    let mut revoked = house.administer(revoke);
    pending(&mut revoked);
    let mut refused = house.opens("rct_a", None);
    pending(&mut refused);
    house.log.release();
    assert_eq!(refused.await, None);
    revoked.await.unwrap();
    house.verify().await;
}
