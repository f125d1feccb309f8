//! Commands of SCIM: what a tenant's directory decides becomes durable.

use directory::{Command, Decision, Directory, Rejection};
use events::UserId;

use crate::change::{Refusal, Settling, begin, change};
use crate::{Call, Fact, Tenancy, Tenant};

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// It breaks a rule. That rests on durable facts only.
    #[error(transparent)]
    Rejected(Rejection),
    /// Nothing was written; trying again is safe.
    #[error("nothing can be written now; retry after {retry_after_s} s")]
    Unavailable {
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// The log has stopped, or can't be read: the command may be found carried out later, or not.
    #[error("the log has stopped")]
    Failed,
}

impl Tenancy {
    /// Carries a command out and answers when it is durable. `read` makes the answer from the directory as the
    /// command left it; it runs under the tenant's lock. A command that changes nothing is a success as well.
    ///
    /// # Errors
    /// [`CommitError`]; nothing has changed then, except perhaps with [`CommitError::Failed`].
    pub async fn commit<T>(
        &self,
        tenant: &Tenant,
        call: Call,
        command: Command,
        read: impl FnOnce(&Directory, &Decision) -> T,
    ) -> Result<T, CommitError> {
        let decide = decide(tenant, command);
        change((&*self.0, &tenant.stream), call, decide, read).await.map_err(CommitError::from)
    }

    /// The same as [`Tenancy::commit`] without the wait: the answer, good or bad, counts only when [`Durable::wait`] says so.
    ///
    /// # Errors
    /// [`CommitError`] when nothing was decided at all.
    pub async fn begin<T>(
        &self,
        tenant: &Tenant,
        call: Call,
        command: Command,
        read: impl FnOnce(&Directory, &Decision) -> T,
    ) -> Result<(Result<T, CommitError>, Durable), CommitError> {
        let decide = decide(tenant, command);
        let begun = begin((&*self.0, &tenant.stream), call, decide, read).await;
        let (answer, settling) = begun.map_err(CommitError::from)?;
        Ok((answer.map_err(CommitError::from), Durable(settling)))
    }
}

/// What an answer rests on that was begun.
#[must_use = "the answer counts only when it is durable"]
pub struct Durable(Settling<Directory>);

impl Durable {
    /// Waits until it is durable.
    ///
    /// # Errors
    /// [`CommitError`]: the answer doesn't count.
    pub async fn wait(self) -> Result<(), CommitError> {
        self.0.wait().await.map_err(|error| Refusal::<Rejection>::from(error).into())
    }
}

/// What the directory decides, and what it rests on that nothing happens.
fn decide(
    tenant: &Tenant,
    command: Command,
) -> impl FnOnce(&Directory) -> Result<(Decision, Fact), Rejection> {
    let (rules, user) = (tenant.rules(), changed_user(&command));
    move |directory| {
        let decision = directory::decide(directory, command, &rules)?;
        let rests_on = match user {
            Some(id) if decision.events.is_empty() => unchanged(directory, id),
            Some(_) | None => Fact::Head,
        };
        Ok((decision, rests_on))
    }
}

/// What it rests on that a command leaves a user as it is.
fn unchanged(directory: &Directory, id: UserId) -> Fact {
    directory.user(id).map_or(Fact::Head, |user| Fact::Version(user.rests_on))
}

/// The user that a command would change.
const fn changed_user(command: &Command) -> Option<UserId> {
    match command {
        Command::ReplaceUser { id, .. } | Command::PatchUser { id, .. } => Some(*id),
        // The members of a group are people, whose names count as well: what leaves it as it is rests on the head.
        Command::ReplaceGroup { .. }
        | Command::PatchGroup { .. }
        | Command::CreateUser { .. }
        | Command::DeleteUser { .. }
        | Command::CreateGroup { .. }
        | Command::DeleteGroup { .. }
        | Command::Custom { .. } => None,
    }
}

impl From<Refusal<Rejection>> for CommitError {
    fn from(refusal: Refusal<Rejection>) -> Self {
        match refusal {
            Refusal::Rule(rejection) => Self::Rejected(rejection),
            Refusal::TooLarge { bytes, limit } => {
                let detail = format!("the change takes {bytes} bytes in the log, at most {limit}");
                Self::Rejected(Rejection::Refused(scim::Error::new(413, None, detail)))
            }
            Refusal::Unavailable { retry_after_s } => Self::Unavailable { retry_after_s },
            Refusal::Failed => Self::Failed,
        }
    }
}
