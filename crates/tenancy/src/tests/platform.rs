//! The rules of the platform, and that its fold is the same live and replayed.

use std::sync::Arc;

use events::{
    EventType, KeyId, KeyRole, PatchAnswer, Profile, Switches, TenantSettings, Timestamp,
};
use proptest::prelude::*;
use store::log::model::ModelLog;
use uuid::Uuid;

use super::house::{House, NOW, facts, hash, issue, named, settings, suspend, token};
use crate::PlatformCommand as C;
use crate::PlatformRejection as R;
use crate::{AdminError, NAME_BYTES_MAX, SwitchesChange, TENANT_TOKENS_MAX, Tenancy, TenantChange};

/// What the last of the commands makes, by type; the others must be carried out.
async fn check(commands: Vec<C>, expected: Result<&[EventType], R>) {
    let house = House::new().await;
    let mut last = None;
    for command in commands {
        assert!(!matches!(last, Some(Err(_))), "{last:?} before {command:?}");
        last = Some(match house.administer(command).await {
            Ok(events) => Ok(events.iter().map(events::Event::kind).collect::<Vec<_>>()),
            Err(AdminError::Rejected(rejection)) => Err(rejection),
            Err(other) => panic!("{other}"),
        });
    }
    assert_eq!(last.unwrap(), expected.map(<[EventType]>::to_vec));
    house.verify().await;
}

#[tokio::test]
async fn tenants_are_made_changed_and_ended() {
    let tenant = || named("initech");
    let create = || C::CreateTenant { tenant: tenant(), settings: settings() };
    let delete = || C::DeleteTenant { tenant: tenant() };
    let change = |change| C::ChangeTenant { tenant: tenant(), change };
    let suspend = || suspend("initech", true);
    let resume = || change(TenantChange { suspended: Some(false), ..TenantChange::default() });
    let strict =
        || change(TenantChange { profile: Some(Profile::Strict), ..TenantChange::default() });
    let both = TenantChange {
        name: Some("Initech".to_owned()),
        suspended: Some(true),
        ..TenantChange::default()
    };
    let none = || R::NoSuchTenant(tenant());
    check(vec![create()], Ok(&[EventType::TenantCreated])).await;
    check(vec![create(), create()], Err(R::TenantIdTaken(tenant()))).await;
    check(vec![create(), delete(), create()], Err(R::TenantIdTaken(tenant()))).await;
    check(vec![create(), strict()], Ok(&[EventType::TenantUpdated])).await;
    check(vec![create(), strict(), strict()], Ok(&[])).await;
    check(vec![create(), suspend()], Ok(&[EventType::TenantSuspended])).await;
    check(vec![create(), suspend(), suspend()], Ok(&[])).await;
    check(vec![create(), suspend(), resume()], Ok(&[EventType::TenantResumed])).await;
    check(vec![create(), resume()], Ok(&[])).await;
    check(vec![create(), change(TenantChange::default())], Ok(&[])).await;
    let updated_and_suspended = [EventType::TenantUpdated, EventType::TenantSuspended];
    check(vec![create(), change(both.clone())], Ok(&updated_and_suspended)).await;
    check(vec![create(), suspend(), change(both)], Ok(&[EventType::TenantUpdated])).await;
    check(vec![create(), delete()], Ok(&[EventType::TenantDeleted])).await;
    check(vec![create(), delete(), delete()], Err(none())).await;
    for command in [delete(), suspend(), resume(), strict()] {
        check(vec![command.clone()], Err(none())).await;
        check(vec![create(), delete(), command], Err(none())).await;
    }
    let platform = events::TenantId::platform();
    let command = C::CreateTenant { tenant: platform.clone(), settings: settings() };
    check(vec![command], Err(R::NoTenantId(platform))).await;
    let long = TenantSettings { name: "x".repeat(NAME_BYTES_MAX + 1), ..settings() };
    let command = C::CreateTenant { tenant: tenant(), settings: long };
    check(vec![command], Err(R::NameTooLong { limit: NAME_BYTES_MAX })).await;
    let long = Some("x".repeat(NAME_BYTES_MAX + 1));
    let command = change(TenantChange { name: long, ..TenantChange::default() });
    check(vec![create(), command], Err(R::NameTooLong { limit: NAME_BYTES_MAX })).await;
}

#[test]
fn a_change_touches_what_it_names() {
    let okta = || TenantSettings { name: "Acme".to_owned(), ..TenantSettings::of(Profile::Okta) };
    let check = |change: TenantChange, expected: TenantSettings| {
        assert_eq!(change.over(&okta()), expected);
    };
    let silent = SwitchesChange {
        patch_answer: Some(PatchAnswer::Nothing),
        put_keeps_absent: Some(true),
        ..SwitchesChange::default()
    };
    let strict = Profile::Strict.switches();
    check(TenantChange::default(), okta());
    check(
        TenantChange { unique_group_names: Some(false), ..TenantChange::default() },
        TenantSettings { unique_group_names: false, ..okta() },
    );
    check(
        TenantChange { profile: Some(Profile::Strict), ..TenantChange::default() },
        TenantSettings { profile: Profile::Strict, switches: strict, ..okta() },
    );
    let quiet = |switches: Switches| Switches {
        patch_answer: PatchAnswer::Nothing,
        put_keeps_absent: true,
        ..switches
    };
    check(
        TenantChange { switches: silent, ..TenantChange::default() },
        TenantSettings { switches: quiet(okta().switches), ..okta() },
    );
    check(
        TenantChange {
            profile: Some(Profile::Strict),
            switches: silent,
            ..TenantChange::default()
        },
        TenantSettings { profile: Profile::Strict, switches: quiet(strict), ..okta() },
    );
}

#[tokio::test]
async fn tokens_are_issued_and_revoked() {
    let text = |n: u128| format!("rct_{n}");
    let ten = || (1..=TENANT_TOKENS_MAX as u128).map(move |n| issue(n, "acme", &text(n)));
    let with = |more: C| ten().chain([more]).collect::<Vec<_>>();
    let revoke = |tenant: &str, n| C::RevokeToken { tenant: named(tenant), token: token(n) };
    check(vec![issue(1, "acme", "rct_a")], Ok(&[EventType::TokenIssued])).await;
    check(with(issue(11, "globex", "rct_g")), Ok(&[EventType::TokenIssued])).await;
    let limit = TENANT_TOKENS_MAX;
    check(with(issue(11, "acme", "rct_g")), Err(R::TooManyTokens { limit })).await;
    let mut room = with(revoke("acme", 3));
    room.push(issue(11, "acme", "rct_g"));
    check(room, Ok(&[EventType::TokenIssued])).await;
    check(with(issue(1, "globex", "rct_g")), Err(R::CredentialExists)).await;
    check(with(issue(11, "globex", "rct_1")), Err(R::CredentialExists)).await;
    check(vec![issue(1, "nobody", "rct_a")], Err(R::NoSuchTenant(named("nobody")))).await;
    check(with(revoke("acme", 3)), Ok(&[EventType::TokenRevoked])).await;
    check(with(revoke("globex", 3)), Err(R::NoSuchToken(token(3)))).await;
    check(with(revoke("acme", 99)), Err(R::NoSuchToken(token(99)))).await;
    let dead = C::DeleteTenant { tenant: named("acme") };
    let again = vec![issue(1, "acme", "rct_a"), dead, issue(2, "globex", "rct_a")];
    check(again, Ok(&[EventType::TokenIssued])).await;
    let twice = ten().chain([revoke("acme", 3), revoke("acme", 3)]).collect();
    check(twice, Ok(&[])).await;
    let mut past = facts("acme", "rct_a");
    past.expires_at = Some(NOW);
    let command = C::IssueToken { token: token(1), facts: past };
    check(vec![command], Err(R::AlreadyExpired)).await;
    let mut long = facts("acme", "rct_a");
    long.name = "x".repeat(NAME_BYTES_MAX + 1);
    let command = C::IssueToken { token: token(1), facts: long };
    check(vec![command], Err(R::NameTooLong { limit: NAME_BYTES_MAX })).await;
}

#[tokio::test]
async fn keys_are_issued_and_revoked() {
    let key = |n| KeyId::new(Uuid::from_u128(n));
    let issue = |n, text: &str| C::IssueKey {
        key: key(n),
        name: "k".to_owned(),
        role: KeyRole::Reader,
        hash: hash(text),
    };
    let revoke = |n| C::RevokeKey { key: key(n) };
    check(vec![issue(1, "rck_a")], Ok(&[EventType::KeyIssued])).await;
    check(vec![issue(1, "rck_a"), issue(1, "rck_b")], Err(R::CredentialExists)).await;
    check(vec![issue(1, "rck_a"), issue(2, "rck_a")], Err(R::CredentialExists)).await;
    check(vec![issue(1, "rck_a"), revoke(1)], Ok(&[EventType::KeyRevoked])).await;
    check(vec![issue(1, "rck_a"), revoke(1), revoke(1)], Ok(&[])).await;
    check(vec![revoke(1)], Err(R::NoSuchKey(key(1)))).await;
}

#[tokio::test]
async fn what_the_platform_holds_can_be_listed() {
    let house = House::new().await;
    house.administer(issue(1, "acme", "rct_a")).await.unwrap();
    house.administer(issue(2, "globex", "rct_b")).await.unwrap();
    house.administer(C::RevokeToken { tenant: named("acme"), token: token(1) }).await.unwrap();
    house.administer(C::DeleteTenant { tenant: named("globex") }).await.unwrap();
    let tenants = house.tenancy.tenants().await.unwrap();
    assert_eq!(tenants.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["acme"]);
    assert_eq!(tenants[0].created_at, NOW);
    let tokens = house.tenancy.tokens(&house.acme().await).await.unwrap();
    let listed: Vec<_> = tokens.iter().map(|it| (it.id, it.revoked_at)).collect();
    assert_eq!(listed, [(token(1), Some(NOW))]);
    let keys = house.tenancy.keys().await.unwrap();
    assert_eq!(keys.iter().map(|it| &*it.name).collect::<Vec<_>>(), ["ci"]);
}

fn command() -> impl Strategy<Value = C> {
    let tenant = prop::sample::select(vec!["acme", "globex", "initech"]).prop_map(named);
    (0..9, tenant, 0..6_u128, any::<bool>()).prop_map(|(kind, tenant, n, flag)| match kind {
        0 => C::CreateTenant { tenant, settings: settings() },
        1 => {
            let unique_group_names = Some(flag);
            let change = TenantChange { unique_group_names, ..TenantChange::default() };
            C::ChangeTenant { tenant, change }
        }
        2 => suspend(tenant.as_str(), flag),
        3 => {
            let (name, suspended) = (Some(n.to_string()), Some(flag));
            let change = TenantChange { name, suspended, ..TenantChange::default() };
            C::ChangeTenant { tenant, change }
        }
        4 => C::DeleteTenant { tenant },
        5 => {
            let mut facts = facts(tenant.as_str(), &format!("rct_{n}"));
            facts.expires_at = flag.then_some(Timestamp(NOW.0 + 1));
            C::IssueToken { token: token(n), facts }
        }
        6 => C::RevokeToken { tenant, token: token(n) },
        7 => C::IssueKey {
            key: KeyId::new(Uuid::from_u128(n)),
            name: String::new(),
            role: KeyRole::Owner,
            hash: hash(&format!("rck_{n}")),
        },
        _ => C::RevokeKey { key: KeyId::new(Uuid::from_u128(n)) },
    })
}

async fn dump(tenancy: &Tenancy) -> Vec<String> {
    let resident = tenancy.0.platform.resident(tenancy.log()).await.unwrap();
    resident.live.read().state.dump()
}

proptest! {
    #[test]
    fn the_registry_is_the_same_live_and_replayed(
        commands in prop::collection::vec(command(), 0..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let house = House::new().await;
            for command in commands {
                match house.administer(command).await {
                    Ok(_) | Err(AdminError::Rejected(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
            house.verify().await;
            let again: Arc<ModelLog> = Arc::new(house.log.crash(0));
            let again = Tenancy::open(again, Vec::new(), None).await.unwrap();
            assert_eq!(dump(&house.tenancy).await, dump(&again).await);
        });
    }
}
