//! Synthetic people: about 900 bytes of canonical JSON each, made from a number alone.

const GIVEN: [&str; 16] = [
    "Ada",
    "Grace",
    "Alan",
    "Edsger",
    "Barbara",
    "Donald",
    "Frances",
    "Ken",
    "Radia",
    "Leslie",
    "Margaret",
    "Niklaus",
    "Hedy",
    "John",
    "Katherine",
    "Claude",
];
const FAMILY: [&str; 16] = [
    "Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Allen", "Thompson", "Perlman",
    "Lamport", "Hamilton", "Wirth", "Lamarr", "Backus", "Johnson", "Shannon",
];

/// The userName of person `n`.
pub(crate) fn user_name(n: usize) -> String {
    format!("{}.{}.{n}@example.com", pick(&GIVEN, n), pick(&FAMILY, n / 16)).to_lowercase()
}

/// The displayName of person `n`, nobody else's.
pub(crate) fn display_name(n: usize) -> String {
    format!("{} {} {n}", pick(&GIVEN, n), pick(&FAMILY, n / 16))
}

/// The body that an identity provider posts for person `n`.
pub(crate) fn user(n: usize) -> String {
    user_with(n, "Engineer")
}

/// The same with another title.
pub(crate) fn user_with(n: usize, title: &str) -> String {
    let (given, family, name) = (pick(&GIVEN, n), pick(&FAMILY, n / 16), user_name(n));
    let display = display_name(n);
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"00u{n:017}","userName":"{name}","name":{{"formatted":"{given} {family}","familyName":"{family}","givenName":"{given}"}},"displayName":"{display}","title":"{title}","preferredLanguage":"en-US","locale":"en-US","timezone":"Europe/Vienna","active":true,"emails":[{{"value":"{name}","type":"work","primary":true}},{{"value":"{given}.{n}@home.example","type":"home"}}],"phoneNumbers":[{{"value":"+43 1 555 {n:06}","type":"work"}}],"addresses":[{{"streetAddress":"{n} Analytical Road","locality":"Vienna","postalCode":"1010","country":"AT","type":"work"}}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{{"employeeNumber":"{n}","costCenter":"4130","organization":"Example","department":"Engines"}}}}"#
    )
}

fn pick(from: &'static [&'static str; 16], n: usize) -> &'static str {
    from.get(n % 16).copied().unwrap_or_default()
}
