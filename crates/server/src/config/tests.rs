//! Precedence of the layers, and what is refused by name.

use super::*;

fn load(file: &str, variables: &[(&str, &str)], flags: &str) -> Result<Config, Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rollcall.toml");
    fs::write(&path, file).unwrap();
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(&path), variables, flags.parse().unwrap())
}

#[test]
fn the_embedded_defaults_are_a_configuration() {
    let config = Config::load(None, [], Table::new()).unwrap();
    assert_eq!(config.listen, "127.0.0.1:8080");
    assert_eq!(config.public_url, None);
    assert_eq!(config.http.drain_s, 25);
    assert_eq!(config.logging.format, LogFormat::Json);
    let log = store::Options::new(events::LogId::new(uuid::Uuid::nil()));
    assert_eq!(config.log.generation_bytes, log.generation_bytes);
    assert_eq!(config.log.free_floor_bytes, log.free_floor_bytes);
    assert_eq!(config.log.cache_bytes, log.cache_bytes);
    assert_eq!(config.log.silence_max_s, log.silence_max.as_secs());
    let limits = ingress::Limits::default();
    assert_eq!(config.limits.body_bytes_max, limits.body_bytes_max);
    assert_eq!(config.limits.group_body_bytes_max, limits.group_body_bytes_max);
    assert_eq!(config.limits.header_bytes_max, limits.header_bytes_max);
    assert_eq!(config.limits.body_bytes_per_s_min, limits.body_bytes_per_s_min);
    assert_eq!(config.limits.scan_rows_max, limits.scan_rows_max);
}

#[test]
fn every_default_has_a_comment() {
    let lines: Vec<&str> = DEFAULT_TOML.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if line.contains(" = ") && !line.starts_with('#') {
            let above = lines[..at].iter().rev().take_while(|line| !line.is_empty());
            assert!(above.clone().any(|line| line.starts_with("# ")), "{line}");
        }
    }
}

#[test]
fn the_last_layer_counts() {
    let check = |file: &str, variables: &[(&str, &str)], flags: &str, expected: &str| {
        assert_eq!(load(file, variables, flags).unwrap().listen, expected);
    };
    let (file, flags) = ("listen = '127.0.0.1:1'", "listen = '127.0.0.1:3'");
    let variables = [("ROLLCALL_LISTEN", "127.0.0.1:2")];
    check("", &[], "", "127.0.0.1:8080");
    check(file, &[], "", "127.0.0.1:1");
    check(file, &variables, "", "127.0.0.1:2");
    check(file, &variables, flags, "127.0.0.1:3");
    check(file, &[], flags, "127.0.0.1:3");
}

#[test]
fn librdkafkas_settings_are_taken_as_they_are_and_secrets_are_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("secret");
    fs::write(&secret, "from a file\n").unwrap();
    let text = format!(
        "[kafka]\nbrokers = ['a:1', 'b:2']\n[kafka.properties]\n'linger.ms' = 5\n'enable.idempotence' = true\n\
         'sasl.password' = 'in clear'\n'ssl.key.password' = {{ file = {secret:?} }}\n'ssl.ca.location' = {{ env = 'PATH' }}\n"
    );
    let config = load(&text, &[], "").unwrap();
    let properties = config.kafka.properties().unwrap();
    let check = |name: &str, expected: &str| {
        let found = properties.iter().find(|(known, _)| known == name).unwrap();
        assert_eq!(found.1, expected, "{name}");
    };
    check("linger.ms", "5");
    check("enable.idempotence", "true");
    check("sasl.password", "in clear");
    check("ssl.key.password", "from a file");
    check("ssl.ca.location", &std::env::var("PATH").unwrap());
    let shown = documented(&effective(None, [], text.parse().unwrap()).unwrap());
    assert!(
        !shown.contains("in clear") && shown.contains("\"sasl.password\" = \"***\""),
        "{shown}"
    );
    assert!(shown.contains("\"linger.ms\" = 5"), "{shown}");
    let again = load(&shown, &[], "").unwrap();
    assert_eq!(again.kafka.brokers, ["a:1", "b:2"]);

    let check = |text: &str, expected: &str| {
        let error = load(text, &[], "").unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("[kafka]\nbrokers = ['a']", "host:port");
    check("[kafka]\npartitions = 0", "at least 1");
    check("[kafka]\ntopic_prefix = 'a b'", "topic_prefix");
    check("[kafka]\nformat = 'xml'", "format");
    check("[kafka]\nbroker = ['a:1']", "did you mean \"kafka.brokers\"?");
    check("[kafka.properties]\nx = { files = 'y' }", "kafka");
    let gone = load("[kafka.properties]\nx = { file = '/nowhere' }", &[], "").unwrap();
    assert!(gone.kafka.properties().unwrap_err().contains("kafka.properties.x"));
}

#[test]
fn sections_are_laid_key_by_key() {
    let variables = [
        ("ROLLCALL_HTTP_DRAIN_S", "3"),
        ("ROLLCALL_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        ("ROLLCALL_LOG", "debug"),
        ("ROLLCALL_URL", "http://elsewhere"),
        ("PATH", "/bin"),
    ];
    let config = load("[http]\nworkers = 2", &variables, "").unwrap();
    assert_eq!((config.http.workers, config.http.drain_s), (2, 3));
    assert_eq!(config.http.keep_alive_s, 75);
    assert_eq!(config.trusted_proxies.len(), 2);
    assert_eq!(config.logging.filter, "debug");
}

#[test]
fn what_is_wrong_is_named() {
    let check = |file: &str, variables: &[(&str, &str)], expected: &str| {
        let error = load(file, variables, "").unwrap_err().to_string();
        assert!(error.contains(expected), "{error:?} doesn't say {expected:?}");
    };
    check("lisen = ''", &[], "unknown key \"lisen\"");
    check("lisen = ''", &[], "did you mean \"listen\"?");
    check("[http]\nworker = 1", &[], "unknown key \"http.worker\"");
    check("[http]\nworker = 1", &[], "did you mean \"http.workers\"?");
    check("[nonsense]\na = 1", &[], "unknown key \"nonsense\"");
    check("", &[("ROLLCALL_LISEN", "")], "unknown key \"ROLLCALL_LISEN\" in the environment");
    check("", &[("ROLLCALL_LISEN", "")], "did you mean \"ROLLCALL_LISTEN\"?");
    check("", &[("ROLLCALL_HTTP", "1")], "unknown key \"ROLLCALL_HTTP\"");
    check("", &[("ROLLCALL_HTTP_DRAIN_S", "soon")], "must be a whole number, not \"soon\"");
    check("listen = 8080", &[], "listen in ");
    check("listen = 8080", &[], "must be text, not a whole number");
    check("http = 1", &[], "must be a section");
    check("[http]\ndrain_s = -1", &[], "drain_s");
    check("[logging]\nformat = 'xml'", &[], "xml");
    check("listen = '8080'", &[], "listen is host:port");
    check("tls_cert = 'a.pem'", &[], "tls_cert and tls_key go together");
    check("public_url = 'scim.example.com'", &[], "public_url begins with");
    check("public_url = 'https://scim.example.com/'", &[], "no slash at its end");
    check("trusted_proxies = ['proxy']", &[], "neither an address nor a network");
    check("mounts = []", &[], "mounts are paths");
    check("tenant_urls = ['https://scim.example.com']", &[], "tenant_urls are addresses");
    check("mounts = ['/scim/']", &[], "mounts are paths");
    check("listen = ", &[], "is no TOML");
}

#[test]
fn a_missing_file_is_named() {
    let path = Path::new("/nonexistent/rollcall.toml");
    let error = Config::load(Some(path), [], Table::new()).unwrap_err().to_string();
    assert!(error.contains("/nonexistent/rollcall.toml"), "{error}");
}

#[test]
fn what_counts_is_printed_with_its_meaning() {
    let defaults = effective(None, [], Table::new()).unwrap();
    assert_eq!(documented(&defaults), DEFAULT_TOML);
    let variables =
        [("ROLLCALL_HTTP_WORKERS", "7"), ("ROLLCALL_TRUSTED_PROXIES", "::1,10.0.0.0/8")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let flags: Table = "listen = 'localhost:80'".parse().unwrap();
    let table = effective(None, variables, flags).unwrap();
    let text = documented(&table);
    assert_eq!(text.parse::<Table>().unwrap(), table, "it can be used as a file");
    for line in
        ["listen = \"localhost:80\"", "workers = 7", "trusted_proxies = [\"::1\", \"10.0.0.0/8\"]"]
    {
        assert!(text.lines().any(|found| found == line), "{line}");
    }
    assert_eq!(text.lines().count(), DEFAULT_TOML.lines().count());
}
