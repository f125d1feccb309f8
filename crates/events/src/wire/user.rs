//! The payload of a user's event, read in place: most of a history is such.

use std::sync::Arc;

use bytes::Bytes;

use super::DecodeError;
use super::DecodeError::Missing;
use super::decode::uuid;
use super::fields::Fields;
use crate::{Email, GroupId, UserState};

/// `rollcall.events.v1.User`.
pub(super) struct User {
    pub(super) state: UserState,
    pub(super) previous: Bytes,
    pub(super) left: Vec<GroupId>,
}

impl User {
    /// Reads a payload that holds a user.
    pub(super) fn read(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut user = None;
        for field in Fields::of(payload) {
            let (tag, value) = field?;
            if tag == 1 {
                user = Some(Self::read_message(value.bytes("payload")?)?);
            }
        }
        user.ok_or(Missing("payload"))
    }

    fn read_message(message: &[u8]) -> Result<Self, DecodeError> {
        let (mut resource, mut user_name, mut active, mut previous) = (&[][..], "", false, &[][..]);
        let (mut external_id, mut employee_number, mut manager) = (None, None, None);
        let (mut emails, mut left, mut unique_keys) = (Vec::new(), Vec::new(), Vec::new());
        for field in Fields::of(message) {
            let (tag, value) = field?;
            match tag {
                1 => resource = value.bytes("resource")?,
                2 => user_name = value.text("userName")?,
                3 => external_id = Some(value.text("externalId")?.to_owned()),
                4 => active = value.flag("active")?,
                5 => emails.push(email(value.bytes("emails")?)?),
                6 => employee_number = Some(value.text("employeeNumber")?.to_owned()),
                7 => manager = Some(value.text("manager")?.to_owned()),
                8 => previous = value.bytes("previous")?,
                9 => left.push(GroupId::new(uuid(value.bytes("group")?, "group")?)),
                10 => unique_keys.push(value.text("unique keys")?.to_owned()),
                _ => {}
            }
        }
        let (resource, user_name) = (Arc::from(resource), user_name.to_owned());
        let state = UserState {
            resource,
            user_name,
            external_id,
            active,
            emails,
            employee_number,
            manager,
            unique_keys,
        };
        Ok(Self { state, previous: Bytes::copy_from_slice(previous), left })
    }
}

fn email(message: &[u8]) -> Result<Email, DecodeError> {
    let mut email = Email::default();
    for field in Fields::of(message) {
        let (tag, value) = field?;
        match tag {
            1 => email.value = value.text("emails")?.to_owned(),
            2 => email.kind = Some(value.text("emails")?.to_owned()),
            3 => email.primary = value.flag("emails")?,
            _ => {}
        }
    }
    Ok(email)
}
