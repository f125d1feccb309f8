//! Any sequence of commands over two tenants: what is loaded again is what was there.

use directory::Command;
use proptest::prelude::*;

use super::house::{
    House, add_member, create, create_group, delete, delete_group, patch, replace, replace_group,
};
use crate::CommitError;

#[derive(Clone, Debug)]
enum Step {
    Command(bool, Box<Command>),
    Evict(bool),
    Save,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        9 => (any::<bool>(), command()).prop_map(|(acme, it)| Step::Command(acme, Box::new(it))),
        1 => any::<bool>().prop_map(Step::Evict),
        1 => Just(Step::Save),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let name = prop::sample::select(vec!["ada", "BOB", "bob", "cyd", "döra"]);
    let members = prop::collection::vec(0..8_u128, 0..5);
    (0..8, 0..6_u128, name, members).prop_map(|(kind, n, name, members)| match kind {
        0 => create(n, name),
        1 => replace(n, name, "Somebody"),
        2 => delete(n),
        3 => create_group(n, name, &members),
        4 => replace_group(n, name, &members),
        5 => delete_group(n),
        6 => patch(n, name),
        _ => add_member(n, members.first().copied().unwrap_or(n)),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn what_is_loaded_again_is_what_was_there(steps in prop::collection::vec(step(), 0..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let house = House::new().await;
            let (acme, globex) = (house.acme().await, house.globex().await);
            for step in steps {
                let of = |is_acme| if is_acme { &acme } else { &globex };
                match step {
                    Step::Command(tenant, command) => {
                        match house.commit(of(tenant), *command).await {
                            Ok(_) | Err(CommitError::Rejected(_)) => {}
                            Err(other) => panic!("{other}"),
                        }
                    }
                    Step::Evict(tenant) => {
                        let before = house.dump(of(tenant)).await;
                        assert!(house.tenancy.evict(of(tenant).id()));
                        assert_eq!(house.dump(of(tenant)).await, before);
                    }
                    Step::Save => {
                        house.save_snapshots();
                    }
                }
            }
            house.verify().await;
            let before = (house.dump(&acme).await, house.dump(&globex).await);
            let next = house.restarted(0).await;
            let (acme, globex) = (next.acme().await, next.globex().await);
            assert_eq!((next.dump(&acme).await, next.dump(&globex).await), before);
        });
    }
}
