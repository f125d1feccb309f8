//! What the log doesn't take, loses or can't tell of: never an answer that isn't true, never a state that isn't
//! the log's.

use std::time::Duration;

use futures_util::FutureExt;
use store::log::Log;
use store::log::model::Fault;

use super::house::{House, create, issue, now, pending, user};
use crate::{AdminError, CommitError, Error};

#[tokio::test]
async fn what_was_not_written_never_was() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    house.log.inject(Fault::NotWritten);
    let refused = house.commit(&acme, create(2, "bob")).await;
    assert!(matches!(refused, Err(CommitError::Unavailable { .. })), "{refused:?}");
    assert_eq!(house.version(&acme, user(2)).await.unwrap(), None);
    assert_eq!(house.commit(&acme, create(3, "bob")).await.unwrap(), 1, "the name is free");
    assert_eq!(house.version(&acme, user(3)).await.unwrap(), Some(2), "so is the number");
    house.verify().await;
}

#[tokio::test]
async fn whoever_built_on_what_was_not_written_hears_it() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    house.log.hold();
    let mut first = house.commit(&acme, create(2, "bob"));
    let mut second = house.commit(&acme, create(3, "cyd"));
    let mut taken = house.commit(&acme, create(4, "bob"));
    pending(&mut first);
    pending(&mut second);
    pending(&mut taken);
    let mut list = house.user_count(&acme);
    pending(&mut list);
    house.log.give_up_queue();
    let lost = |answer: &Result<usize, CommitError>| {
        assert!(matches!(answer, Err(CommitError::Unavailable { .. })), "{answer:?}");
    };
    // The last to build on it is the first to hear.
    assert!(matches!(list.await, Err(Error::Unavailable { .. })));
    lost(&taken.await);
    lost(&second.await);
    lost(&first.await);
    house.log.release();
    assert_eq!(house.user_count(&acme).await.unwrap(), 1);
    assert_eq!(house.commit(&acme, create(5, "bob")).await.unwrap(), 1);
    house.verify().await;
}

#[tokio::test]
async fn nothing_is_decided_on_a_state_that_was_lost() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.log.hold();
    let mut lost = house.commit(&acme, create(1, "ada"));
    pending(&mut lost);
    house.log.give_up_queue();
    house.log.release();
    // Nobody has heard of the loss yet: this is decided on it, and not taken by the log.
    let unaware = house.commit(&acme, create(2, "bob")).await;
    assert!(matches!(unaware, Err(CommitError::Unavailable { .. })), "{unaware:?}");
    assert_eq!(house.commit(&acme, create(2, "bob")).await.unwrap(), 1);
    assert_eq!(house.user_count(&acme).await.unwrap(), 1);
    assert!(lost.await.is_err());
    assert_eq!(house.user_count(&acme).await.unwrap(), 1, "the new state stays");
    house.verify().await;
}

#[tokio::test]
async fn what_was_queued_before_a_loss_is_waited_for() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.log.hold();
    let mut kept = house.commit(&acme, create(1, "ada"));
    pending(&mut kept);
    house.log.inject(Fault::NotWritten);
    let mut lost = house.commit(&acme, create(2, "bob"));
    assert!(matches!(now(&mut lost), Some(Err(CommitError::Unavailable { .. }))));
    let mut list = house.user_count(&acme);
    pending(&mut list);
    // Time enough to load, if it didn't wait.
    tokio::time::sleep(Duration::from_millis(20)).await;
    pending(&mut list);
    house.log.release();
    assert_eq!(list.await.unwrap(), 1);
    assert_eq!(kept.await.unwrap(), 1);
    assert_eq!(house.commit(&acme, create(2, "bob")).await.unwrap(), 1);
    house.verify().await;
}

#[tokio::test]
async fn a_command_that_waited_for_room_finds_the_state_of_today() {
    let house = House::new().await;
    let acme = house.acme().await;
    let mut room = Vec::new();
    while let Some(permit) = house.log.reserve().now_or_never() {
        room.push(permit.unwrap());
        tokio::task::yield_now().await;
    }
    let mut waits = house.commit(&acme, create(1, "ada"));
    pending(&mut waits);
    assert!(house.tenancy.evict(acme.id()));
    assert_eq!(house.user_count(&acme).await.unwrap(), 0);
    drop(room);
    assert_eq!(waits.await.unwrap(), 1);
    assert_eq!(house.user_count(&acme).await.unwrap(), 1);
    house.verify().await;
}

#[tokio::test]
async fn the_platform_forgets_what_was_not_written_too() {
    let house = House::new().await;
    house.log.inject(Fault::NotWritten);
    let refused = house.administer(issue(1, "acme", "rct_a")).await;
    assert!(matches!(refused, Err(AdminError::Unavailable { .. })), "{refused:?}");
    assert_eq!(house.opens("rct_a", None).await, None);
    house.administer(issue(1, "acme", "rct_a")).await.unwrap();
    assert_eq!(house.opens("rct_a", None).await.as_deref(), Some("acme"));
    house.verify().await;
}

#[tokio::test]
async fn a_log_that_cannot_tell_is_never_answered_for() {
    for (fault, found) in [(Fault::UnknownWritten, 3), (Fault::UnknownLost, 1), (Fault::Fenced, 1)]
    {
        let house = House::new().await;
        let acme = house.acme().await;
        house.commit(&acme, create(1, "ada")).await.unwrap();
        house.log.hold();
        let mut queued = house.commit(&acme, create(2, "bob"));
        pending(&mut queued);
        let mut list = house.user_count(&acme);
        pending(&mut list);
        house.log.inject(fault);
        let answer = house.commit(&acme, create(3, "cyd")).await;
        assert!(matches!(answer, Err(CommitError::Failed)), "{fault:?}: {answer:?}");
        assert!(matches!(queued.await, Err(CommitError::Failed)), "{fault:?}");
        assert!(matches!(list.await, Err(Error::Failed)), "{fault:?}");
        let later = house.commit(&acme, create(4, "dee")).await;
        assert!(matches!(later, Err(CommitError::Unavailable { .. })), "{fault:?}: {later:?}");
        assert_eq!(
            house.version(&acme, user(1)).await.unwrap(),
            Some(1),
            "what is durable is read"
        );

        let next = house.restarted(0).await;
        assert_eq!(next.user_count(&next.acme().await).await.unwrap(), found, "{fault:?}");
        next.verify().await;
    }
}

#[tokio::test]
async fn after_a_power_cut_what_was_answered_is_there() {
    for (frames_kept, found) in [(0, 1), (1, 2), (2, 3)] {
        let house = House::new().await;
        let acme = house.acme().await;
        house.commit(&acme, create(1, "ada")).await.unwrap();
        house.log.hold();
        pending(&mut house.commit(&acme, create(2, "bob")));
        pending(&mut house.commit(&acme, create(3, "cyd")));
        let next = house.restarted(frames_kept).await;
        let acme = next.acme().await;
        assert_eq!(next.user_count(&acme).await.unwrap(), found);
        assert_eq!(next.commit(&acme, create(4, "dee")).await.unwrap(), 1);
        next.verify().await;
    }
}

#[tokio::test]
async fn without_space_nothing_is_decided_and_reads_go_on() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    house.log.set_space(false);
    for command in [create(2, "bob"), create(3, "ada")] {
        let refused = house.commit(&acme, command).await;
        assert!(matches!(refused, Err(CommitError::Unavailable { .. })), "{refused:?}");
    }
    assert_eq!(house.user_count(&acme).await.unwrap(), 1);
    house.log.set_space(true);
    assert_eq!(house.commit(&acme, create(2, "bob")).await.unwrap(), 1);
    house.verify().await;
}
