//! The topics: made when they are missing, refused when they are not as they must be. Never made by producing to them.

use std::thread;
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminClient, AdminOptions, ConfigResource, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::Client;
use rdkafka::metadata::{Metadata, MetadataTopic};
use rdkafka::types::RDKafkaErrorCode;
use tokio::runtime::Handle;

use crate::Options;
use crate::client::{Shared, config};
use crate::failure::Trouble;

/// How long the cluster may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long all brokers may take to learn of a topic that was made.
const SPREAD_TIMEOUT: Duration = Duration::from_secs(10);
const SPREAD_PAUSE: Duration = Duration::from_millis(100);
/// An event has 768 KiB at most, in its largest form, and some headers.
const MESSAGE_BYTES_MIN: u64 = 1_000_000;
/// Copies of a topic if there are as many brokers.
const REPLICAS: usize = 3;

const STATE: &[(&str, &str)] = &[
    ("cleanup.policy", "compact"),
    ("min.cleanable.dirty.ratio", "0.2"),
    // The newest segment is never compacted: it ends after a day.
    ("segment.ms", "86400000"),
    // How long a subscriber that reads from the start may take to see what is gone.
    ("delete.retention.ms", "86400000"),
    // How long an old value survives.
    ("max.compaction.lag.ms", "604800000"),
];
const RELAY: &[(&str, &str)] = &[
    ("cleanup.policy", "compact"),
    ("min.cleanable.dirty.ratio", "0.1"),
    ("segment.bytes", "16777216"),
];
const EVENTS: &[(&str, &str)] = &[("cleanup.policy", "delete")];

/// A topic and what it has to be like.
pub(crate) struct Wanted {
    name: String,
    settings: &'static [(&'static str, &'static str)],
}

impl Wanted {
    /// A topic of events.
    pub(crate) const fn of_events(name: String) -> Self {
        Self { name, settings: EVENTS }
    }

    /// All that a relay writes to.
    pub(crate) fn all(options: &Options) -> Vec<Self> {
        let topics = &options.topics;
        let state = topics.with_state.then(|| Self { name: topics.state(), settings: STATE });
        let others = [
            Self { name: topics.events(), settings: EVENTS },
            Self { name: topics.relay(), settings: RELAY },
        ];
        others.into_iter().chain(state).collect()
    }
}

/// Makes and checks topics.
///
/// With SASL OAUTHBEARER librdkafka's administration gets no token: topics are made by hand then, and only partitions and copies are checked.
pub(crate) fn ensure(
    client: &Client<Shared>,
    options: &Options,
    wanted: &[Wanted],
    runtime: &Handle,
) -> Result<(), Trouble> {
    let metadata = metadata(client)?;
    let missing: Vec<&Wanted> =
        wanted.iter().filter(|it| find(&metadata, &it.name).is_none()).collect();
    let admin = Admin::new(client, options, runtime)?;
    if let Some(first) = missing.first() {
        let Some(admin) = admin.as_ref().filter(|_| options.topics.create) else {
            return Err(Trouble::passing(format!(
                "topic {} is missing: make it with deploy/kafka/topics.sh, or set create_topics",
                first.name
            )));
        };
        admin.create(&missing, metadata.brokers().len())?;
        wait_for(client, &missing)?;
    }
    let metadata = self::metadata(client)?;
    for wanted in wanted {
        let found = find(&metadata, &wanted.name)
            .ok_or_else(|| Trouble::passing(format!("topic {} is missing", wanted.name)))?;
        check_partitions(found, options)?;
        let settings = admin.as_ref().and_then(|admin| admin.settings(&wanted.name));
        if let Some(settings) = settings {
            check_settings(found, wanted, &settings, options)?;
        }
    }
    Ok(())
}

fn metadata(client: &Client<Shared>) -> Result<Metadata, Trouble> {
    client.fetch_metadata(None, ANSWER_TIMEOUT).map_err(|error| {
        let said = client.context().0.complaint().unwrap_or_else(|| error.to_string());
        Trouble::passing(format!("no broker answers: {said}"))
    })
}

fn find<'a>(metadata: &'a Metadata, name: &str) -> Option<&'a MetadataTopic> {
    let found = metadata.topics().iter().find(|topic| topic.name() == name);
    found.filter(|topic| topic.error().is_none() && !topic.partitions().is_empty())
}

fn wait_for(client: &Client<Shared>, topics: &[&Wanted]) -> Result<(), Trouble> {
    let until = Instant::now() + SPREAD_TIMEOUT;
    loop {
        let metadata = metadata(client)?;
        let led = |topic: &MetadataTopic| topic.partitions().iter().all(|it| it.leader() >= 0);
        if topics.iter().all(|topic| find(&metadata, &topic.name).is_some_and(led)) {
            return Ok(());
        }
        if Instant::now() >= until {
            return Err(Trouble::passing("topics were made, but not all brokers know of them"));
        }
        thread::sleep(SPREAD_PAUSE);
    }
}

fn check_partitions(found: &MetadataTopic, options: &Options) -> Result<(), Trouble> {
    let (name, wanted) = (found.name(), &options.topics);
    let count = found.partitions().len();
    if i32::try_from(count) != Ok(wanted.partitions) {
        return Err(Trouble::passing(format!(
            "topic {name} has {count} partitions, and {} are configured: another number breaks the order of a tenant's events, so set \
             [kafka] partitions to {count}, or make the topic anew",
            wanted.partitions
        )));
    }
    let copies = found.partitions().iter().map(|it| it.replicas().len()).min().unwrap_or(0);
    if i32::try_from(copies).is_ok_and(|copies| copies < wanted.replicas) {
        return Err(Trouble::passing(format!(
            "topic {name} has {copies} copies of each partition, and [kafka] replicas asks for {}",
            wanted.replicas
        )));
    }
    Ok(())
}

fn check_settings(
    found: &MetadataTopic,
    wanted: &Wanted,
    settings: &ConfigResource,
    options: &Options,
) -> Result<(), Trouble> {
    let name = &wanted.name;
    let value = |key: &str| settings.get(key).and_then(|entry| entry.value.clone());
    let number = |key: &str| value(key).and_then(|text| text.parse::<u64>().ok());
    let policy = wanted.settings.iter().find(|(key, _)| *key == "cleanup.policy").map(|it| it.1);
    if let (Some(policy), Some(found)) = (policy, value("cleanup.policy"))
        && policy != found
    {
        return Err(Trouble::passing(format!(
            "topic {name} has cleanup.policy {found}, and must have {policy}"
        )));
    }
    if number("max.message.bytes").is_some_and(|bytes| bytes < MESSAGE_BYTES_MIN) {
        return Err(Trouble::passing(format!(
            "topic {name} has a max.message.bytes under {MESSAGE_BYTES_MIN}: large events would not fit"
        )));
    }
    let Some(in_sync) = number("min.insync.replicas") else { return Ok(()) };
    let least = u64::try_from(options.topics.min_insync_replicas).unwrap_or(0);
    if in_sync < least {
        return Err(Trouble::passing(format!(
            "topic {name} has min.insync.replicas {in_sync}, and [kafka] min_insync_replicas asks for {least}"
        )));
    }
    for partition in found.partitions() {
        let alive = partition.isr().len();
        if (alive as u64) < in_sync {
            return Err(Trouble::passing(format!(
                "partition {} of topic {name} has {alive} replicas in sync, and min.insync.replicas asks for {in_sync}",
                partition.id()
            )));
        }
    }
    Ok(())
}

/// Kafka's administration, where we can log in to it.
struct Admin<'a> {
    client: AdminClient<Shared>,
    options: &'a Options,
    runtime: &'a Handle,
}

impl<'a> Admin<'a> {
    fn new(
        client: &Client<Shared>,
        options: &'a Options,
        runtime: &'a Handle,
    ) -> Result<Option<Self>, Trouble> {
        let config = config(options);
        let by_token = ["sasl.mechanism", "sasl.mechanisms"]
            .iter()
            .any(|name| config.get(name).is_some_and(|it| it.eq_ignore_ascii_case("OAUTHBEARER")));
        if by_token {
            return Ok(None);
        }
        let client = config
            .create_with_context(client.context().as_ref().clone())
            .map_err(|error| Trouble::of("Kafka can't be administered", &error))?;
        Ok(Some(Self { client, options, runtime }))
    }

    fn create(&self, topics: &[&Wanted], brokers: usize) -> Result<(), Trouble> {
        let wanted = &self.options.topics;
        let copies = match wanted.replicas {
            0 => i32::try_from(brokers.clamp(1, REPLICAS)).unwrap_or(1),
            replicas => replicas,
        };
        let in_sync = match wanted.min_insync_replicas {
            0 => (copies - 1).max(1),
            least => least,
        };
        let in_sync = in_sync.to_string();
        let new: Vec<NewTopic<'_>> = topics
            .iter()
            .map(|topic| {
                let replication = TopicReplication::Fixed(copies);
                let new = NewTopic::new(&topic.name, wanted.partitions, replication);
                let new = new.set("min.insync.replicas", &in_sync);
                topic.settings.iter().fold(new, |new, (key, value)| new.set(key, value))
            })
            .collect();
        let limits = AdminOptions::new().operation_timeout(Some(ANSWER_TIMEOUT));
        let made = self.runtime.block_on(self.client.create_topics(&new, &limits));
        for one in made.map_err(|error| Trouble::of("topics can't be made", &error))? {
            match one {
                Ok(name) => tracing::info!(topic = name, copies, "topic {name} was made"),
                Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((name, code)) => {
                    return Err(Trouble::passing(format!(
                        "topic {name} can't be made with {copies} copies, {in_sync} of them in sync: {code}"
                    )));
                }
            }
        }
        Ok(())
    }

    /// What is set for a topic; `None` when we may not know.
    fn settings(&self, name: &str) -> Option<ConfigResource> {
        let limits = AdminOptions::new().request_timeout(Some(ANSWER_TIMEOUT));
        let asked = [ResourceSpecifier::Topic(name)];
        let described = self.runtime.block_on(self.client.describe_configs(&asked, &limits));
        let settings = match described.map(|mut all| all.pop()) {
            Ok(one) => one.and_then(Result::ok),
            Err(_) => None,
        };
        if settings.is_none() {
            tracing::warn!(topic = name, "the settings of topic {name} can't be checked");
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_made_by_hand_are_the_same() {
        let script = include_str!("../../../deploy/kafka/topics.sh").replace("\\\n", " ");
        let check = |topic: &str, settings: &[(&str, &str)]| {
            let line = script.lines().find(|line| line.starts_with(&format!("make {topic} ")));
            let given: Vec<&str> = line.unwrap().split_whitespace().skip(2).collect();
            let wanted: Vec<String> = settings.iter().map(|(a, b)| format!("{a}={b}")).collect();
            assert_eq!(given, wanted, "{topic}");
        };
        check("events", EVENTS);
        check("state", STATE);
        check("relay", RELAY);
    }
}
