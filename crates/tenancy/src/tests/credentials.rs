//! What a credential opens: exactly one tenant while it works, and one nothing for everything else.

use events::{KeyId, KeyRole, Timestamp};
use uuid::Uuid;

use super::house::{House, KEY, NOW, facts, hash, issue, named, suspend, token};
use crate::{PlatformCommand, Status};

#[tokio::test]
async fn a_token_opens_its_tenant_and_nothing_else() {
    let house = House::new().await;
    house.administer(issue(1, "acme", "rct_acme")).await.unwrap();
    house.administer(issue(2, "globex", "rct_globex")).await.unwrap();
    let long = format!("rct_{}", "x".repeat(200));
    house.administer(issue(3, "acme", &long)).await.unwrap();
    house.administer(issue(4, "acme", "other_prefix")).await.unwrap();
    let check = async |text: &str, addressed: Option<&str>, expected: Option<&str>| {
        let opened = house.opens(text, addressed).await;
        assert_eq!(opened.as_deref(), expected, "{text} at {addressed:?}");
    };
    check("rct_acme", None, Some("acme")).await;
    check("rct_acme", Some("acme"), Some("acme")).await;
    check("rct_globex", Some("globex"), Some("globex")).await;
    check("rct_acme", Some("globex"), None).await;
    check("rct_acme", Some("nobody"), None).await;
    check("rct_acme", Some(""), None).await;
    check("rct_acm", None, None).await;
    check("rct_acme ", None, None).await;
    check("rct_", None, None).await;
    check("", None, None).await;
    check(KEY, None, None).await;
    check("~platform", None, None).await;
    check(&long, None, None).await;
    check("other_prefix", None, None).await;
}

#[tokio::test]
async fn a_token_ends_when_it_expires() {
    let house = House::new().await;
    let mut facts = facts("acme", "rct_a");
    facts.expires_at = Some(Timestamp(NOW.0 + 1_000));
    house.administer(PlatformCommand::IssueToken { token: token(1), facts }).await.unwrap();
    for (later, works) in [(0, true), (999, true), (1_000, false), (9_000, false)] {
        let now = Timestamp(NOW.0 + later);
        let opened = house.tenancy.authenticate("rct_a", None, now).await.unwrap();
        assert_eq!(opened.map(|(_, id)| id), works.then_some(token(1)), "{later} ms later");
    }
}

#[tokio::test]
async fn a_token_ends_when_it_or_its_tenant_does() {
    let house = House::new().await;
    let tenant = named("acme");
    house.administer(issue(1, "acme", "rct_a")).await.unwrap();
    house.administer(issue(2, "acme", "rct_b")).await.unwrap();
    let revoke = PlatformCommand::RevokeToken { tenant: tenant.clone(), token: token(1) };
    house.administer(revoke).await.unwrap();
    assert_eq!(house.opens("rct_a", None).await, None);
    assert_eq!(house.opens("rct_b", None).await.as_deref(), Some("acme"));

    let status = async || {
        let opened = house.tenancy.authenticate("rct_b", None, NOW).await.unwrap();
        opened.map(|(tenant, _)| tenant.status())
    };
    house.administer(suspend("acme", true)).await.unwrap();
    assert_eq!(status().await, Some(Status::Suspended));
    house.administer(suspend("acme", false)).await.unwrap();
    assert_eq!(status().await, Some(Status::Active));
    house.administer(PlatformCommand::DeleteTenant { tenant }).await.unwrap();
    assert_eq!(status().await, None);
    assert!(house.tenancy.tenant(&house.key, "acme").await.unwrap().is_none());
    house.verify().await;
}

#[tokio::test]
async fn a_key_works_until_it_is_revoked() {
    let house = House::new().await;
    let key = KeyId::new(Uuid::from_u128(8));
    let (name, role) = ("watcher".to_owned(), KeyRole::Reader);
    let issue = PlatformCommand::IssueKey { key, name, role, hash: hash("rck_b") };
    house.administer(issue).await.unwrap();
    let shown = async |text: &str| {
        let key = house.tenancy.authenticate_key(text).await.unwrap();
        key.map(|key| (key.id(), key.role()))
    };
    assert_eq!(shown("rck_b").await, Some((key, KeyRole::Reader)));
    assert_eq!(shown("rck_c").await, None);
    assert_eq!(shown("rct_b").await, None);
    assert_eq!(shown("").await, None);
    house.administer(PlatformCommand::RevokeKey { key }).await.unwrap();
    assert_eq!(shown("rck_b").await, None);
    assert!(shown(KEY).await.is_some());
}
