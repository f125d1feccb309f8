//! The stored form: a golden file, and what is none of ours. That any directory reads back is shown beside `decide`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use events::{
    Actor, Email, Envelope, Event, Flags, GroupId, GroupState, Member, Seq, TenantId, Timestamp,
    TxnId, UserId, UserState,
};
use uuid::Uuid;

use super::{FORMAT, Restore, Unreadable};
use crate::Directory;

const ADA: UserId = UserId::new(Uuid::from_u128(0xA1));
const STAFF: GroupId = GroupId::new(Uuid::from_u128(0xB1));
const TEAM: GroupId = GroupId::new(Uuid::from_u128(0xB2));

fn directory() -> Directory {
    let ada = UserState {
        resource: Arc::from(&br#"{"userName":"Ada"}"#[..]),
        user_name: "Ada@Example.com".into(),
        external_id: Some("a-1".into()),
        active: true,
        emails: vec![Email { value: "Ada@Example.com".into(), kind: None, primary: true }],
        employee_number: Some("E-7".into()),
        manager: Some("b-2".into()),
        unique_keys: vec!["urn:example:badge=7".to_owned()],
    };
    let group = |name: &str| GroupState {
        resource: format!(r#"{{"displayName":"{name}"}}"#).into_bytes().into(),
        display_name: name.into(),
        external_id: None,
        unique_keys: vec![format!("code={name}")],
    };
    let joined = |group, members, pending: &[&str]| Event::GroupMembersAdded {
        group,
        members,
        pending: pending.iter().map(ToString::to_string).collect(),
        bound: Vec::new(),
    };
    let events = [
        Event::UserCreated { user: ADA, state: ada },
        Event::GroupCreated { group: STAFF, state: group("Staff") },
        Event::GroupCreated { group: TEAM, state: group("Team") },
        joined(STAFF, vec![Member::User(ADA), Member::Group(TEAM)], &["bob"]),
    ];
    let mut directory = Directory::default();
    for (seq, event) in (1..).zip(events) {
        directory.apply(&envelope(Seq(seq), event));
    }
    directory
}

fn envelope(seq: Seq, event: Event) -> Envelope {
    Envelope {
        tenant: TenantId::parse("acme").unwrap(),
        seq,
        txn: TxnId::new(Uuid::nil()),
        txn_index: 0,
        txn_size: 1,
        at: Timestamp(1_790_000_000_000 + i64::try_from(seq.0).unwrap()),
        actor: Actor::system(),
        connection: None,
        coercions: Vec::new(),
        flags: Flags::default(),
        event,
    }
}

fn restored(records: impl IntoIterator<Item = Vec<u8>>) -> Result<Directory, Unreadable> {
    let mut restore = Restore::default();
    records.into_iter().try_for_each(|record| restore.take(record.into()))?;
    restore.finish()
}

/// A difference means a new [`FORMAT`]: snapshots that lie on disks were written otherwise.
#[test]
fn records_are_those_of_the_golden_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("golden/saved-{FORMAT}.hex"));
    let hex = |record: Vec<u8>| record.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let lines: Vec<String> = directory().freeze().records().map(hex).collect();
    let text = lines.join("\n") + "\n";
    if std::env::var_os("ROLLCALL_WRITE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "{}", path.display());
    assert_eq!(restored(directory().freeze().records()).unwrap().dump(), directory().dump());
}

#[test]
fn what_is_no_record_or_names_who_is_not_there_is_refused() {
    let records: Vec<Vec<u8>> = directory().freeze().records().collect();
    let [place, ada, staff, team] = &records[..] else { panic!("{records:?}") };
    let check = |records: &[&Vec<u8>]| {
        let answer = restored(records.iter().map(|record| record.to_vec()));
        assert_eq!(answer.map(|it| it.dump()), Err(Unreadable), "{records:?}");
    };
    check(&[place, staff, team]);
    check(&[place, ada, staff]);
    check(&[place, &ada[..ada.len() - 1].to_vec()]);
    check(&[&Vec::new()]);
    check(&[&vec![0xff; 9]]);
}
