//! Where a backup lies: a directory, or an S3-compatible store. Files are there whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};

use crate::Exit;
use crate::cli::Failure;

/// How long a signed address is good for.
const SIGNED_FOR: Duration = Duration::from_secs(3_600);
/// One file, either way.
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(3_600);
const S3_SCHEME: &str = "s3://";

/// A place for a backup.
pub(in super::super) enum Target {
    Directory(PathBuf),
    S3(Box<S3>),
}

/// A prefix of a bucket.
pub(in super::super) struct S3 {
    bucket: Bucket,
    credentials: Credentials,
    prefix: String,
    http: Client,
}

impl Target {
    /// `s3://BUCKET/PREFIX`, else a directory.
    pub(in super::super) fn parse(text: &str) -> Result<Self, Failure> {
        match text.strip_prefix(S3_SCHEME) {
            None => Ok(Self::Directory(PathBuf::from(text))),
            Some(place) => S3::from_env(place).map(|s3| Self::S3(Box::new(s3))),
        }
    }

    /// A file's bytes; `None`: there is no such file.
    pub(in super::super) fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::Directory(dir) => match fs::read(dir.join(name)) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(failed(name, error)),
            },
            Self::S3(s3) => match s3.get(name)? {
                None => Ok(None),
                Some(answer) => {
                    answer.bytes().map(|it| Some(it.to_vec())).map_err(|error| failed(name, error))
                }
            },
        }
    }

    /// Copies a file to a local one, or names where it lies.
    pub(in super::super) fn fetch(&self, name: &str, local: PathBuf) -> Result<PathBuf, Failure> {
        match self {
            Self::Directory(dir) => Ok(dir.join(name)),
            Self::S3(s3) => {
                let mut answer = s3.get(name)?.ok_or_else(|| failed(name, "it is missing"))?;
                let mut file = File::create(&local).map_err(|error| failed(name, error))?;
                answer.copy_to(&mut file).map_err(|error| failed(name, error))?;
                Ok(local)
            }
        }
    }

    pub(in super::super) fn put(&self, name: &str, local: &Path) -> Result<(), Failure> {
        match self {
            Self::Directory(dir) => place(&dir.join(name), |to| fs::copy(local, to).map(drop))
                .map_err(|error| failed(name, error)),
            Self::S3(s3) => {
                let file = File::open(local).map_err(|error| failed(name, error))?;
                s3.put(name, file.into())
            }
        }
    }

    pub(in super::super) fn put_bytes(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Directory(dir) => place(&dir.join(name), |to| fs::write(to, bytes))
                .map_err(|error| failed(name, error)),
            Self::S3(s3) => s3.put(name, bytes.to_vec().into()),
        }
    }

    pub(in super::super) fn remove(&self, name: &str) -> Result<(), Failure> {
        match self {
            Self::Directory(dir) => {
                fs::remove_file(dir.join(name)).map_err(|error| failed(name, error))
            }
            Self::S3(s3) => {
                let object = s3.name(name);
                let url = s3.bucket.delete_object(Some(&s3.credentials), &object);
                let request = s3.http.delete(url.sign(SIGNED_FOR));
                accepted(name, request.send()).map(drop)
            }
        }
    }
}

/// Durable under its name only when it is whole.
fn place(path: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let dir = path.parent().unwrap_or(path);
    fs::create_dir_all(dir)?;
    let unfinished = path.with_extension("tmp");
    write(&unfinished)?;
    File::open(&unfinished)?.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(dir)?.sync_all()
}

impl S3 {
    fn from_env(place: &str) -> Result<Self, Failure> {
        let usage = |why: &str| {
            Failure::new(Exit::Usage, "the store can't be reached")
                .why(why)
                .next("set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and, for other stores than AWS, AWS_ENDPOINT_URL")
        };
        let (name, prefix) = place.split_once('/').unwrap_or((place, ""));
        let credentials = Credentials::from_env()
            .ok_or_else(|| usage("no credentials are in the environment"))?;
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let region = variable("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned());
        let own = variable("AWS_ENDPOINT_URL");
        let style = if own.is_some() { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let endpoint = own.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let endpoint = endpoint.parse().map_err(|_| usage("AWS_ENDPOINT_URL is no URL"))?;
        let bucket = Bucket::new(endpoint, style, name.to_owned(), region)
            .map_err(|error| usage(&error.to_string()))?;
        let http = Client::builder()
            .timeout(TRANSFER_TIMEOUT)
            .build()
            .map_err(|error| usage(&error.to_string()))?;
        let prefix = prefix.trim_matches('/').to_owned();
        Ok(Self { bucket, credentials, prefix, http })
    }

    fn name(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }

    fn get(&self, name: &str) -> Result<Option<Response>, Failure> {
        let object = self.name(name);
        let url = self.bucket.get_object(Some(&self.credentials), &object);
        let answer =
            self.http.get(url.sign(SIGNED_FOR)).send().map_err(|error| unreached(name, &error))?;
        if answer.status().as_u16() == 404 {
            return Ok(None);
        }
        accepted(name, Ok(answer)).map(Some)
    }

    fn put(&self, name: &str, body: reqwest::blocking::Body) -> Result<(), Failure> {
        let object = self.name(name);
        let url = self.bucket.put_object(Some(&self.credentials), &object);
        let request = self.http.put(url.sign(SIGNED_FOR)).body(body);
        accepted(name, request.send()).map(drop)
    }
}

/// Without the signed address, which opens the object for an hour.
fn unreached(name: &str, error: &reqwest::Error) -> Failure {
    let why = if error.is_timeout() { "no answer in time" } else { "no connection" };
    Failure::new(Exit::Unreachable, format!("the store gives no answer for {name}")).why(why)
}

fn accepted(name: &str, answer: reqwest::Result<Response>) -> Result<Response, Failure> {
    let answer = answer.map_err(|error| unreached(name, &error))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let exit = if matches!(status.as_u16(), 401 | 403) { Exit::Auth } else { Exit::Negative };
    let text = answer.text().unwrap_or_default();
    let why = crate::cli::printable(text.get(..300).unwrap_or(&text));
    Err(Failure::new(exit, format!("the store refuses {name} ({status})")).why(why))
}

fn failed(name: &str, error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Negative, format!("{name} of the backup can't be read or written"))
        .why(error)
}
