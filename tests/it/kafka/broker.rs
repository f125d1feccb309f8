//! A real Kafka for the tests: started by `tests/kafka/broker.py`, gone when the tests end.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

/// One Kafka of one or three nodes.
pub(crate) struct Broker {
    child: Child,
    answers: BufReader<ChildStdout>,
    addresses: String,
    /// Its data; removed with it.
    _dir: tempfile::TempDir,
}

/// The one that most tests share: their topics have prefixes of their own. `ROLLCALL_TEST_KAFKA=host:port` names another.
pub(crate) fn shared() -> &'static str {
    static SHARED: OnceLock<(String, Option<std::sync::Mutex<Broker>>)> = OnceLock::new();
    let (addresses, _) = SHARED.get_or_init(|| match std::env::var("ROLLCALL_TEST_KAFKA") {
        Ok(given) => (given, None),
        Err(_) => {
            let broker = Broker::start(&[]);
            (broker.addresses.clone(), Some(std::sync::Mutex::new(broker)))
        }
    });
    addresses
}

impl Broker {
    /// `arguments` as `broker.py run` takes them.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("kafka/broker.py");
        let mut child = Command::new("python3")
            .arg(script)
            .arg("run")
            .arg("--dir")
            .arg(dir.path().join("kafka"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut broker = Self { child, answers, addresses: String::new(), _dir: dir };
        let ready = broker.answer();
        broker.addresses =
            ready.strip_prefix("ready ").unwrap_or_else(|| panic!("{ready}")).to_owned();
        broker
    }

    /// `host:port`, by commas.
    pub(crate) fn addresses(&self) -> &str {
        &self.addresses
    }

    /// kill -9 of one node, from 1.
    pub(crate) fn kill(&mut self, node: u8) {
        self.say(&format!("kill {node}"));
    }

    /// Starts it again, over its data.
    pub(crate) fn revive(&mut self, node: u8) {
        self.say(&format!("start {node}"));
    }

    fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
        assert_eq!(self.answer(), "done");
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}
