//! The floors: the least that an actix-web handler can do for the same request.
//!
//! | floor | does |
//! |---|---|
//! | echo | splices an id into the posted body |
//! | json | parses, indexes by id and userName, serialises; in memory |
//! | durable | json + group commit of one frame a request, by sled with the store's settings and our fdatasync |
//! | plain | json + the same to a bare file |

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, HttpServer, web};
use hashbrown::HashMap;
use parking_lot::RwLock;
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Where a floor's frames go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Nothing is kept.
    Echo,
    /// Memory.
    Json,
    /// Memory and sled.
    Durable,
    /// Memory and a bare file.
    Plain,
}

/// As the log's own.
const SEGMENT_BYTES: usize = 4 << 20;
const CACHE_BYTES: u64 = 64 << 20;
const BATCH_FRAMES_MAX: usize = 256;

/// Serves one floor until the process is ended; prints its address on a line of its own first.
///
/// # Errors
/// When the port or the directory can't be had.
pub(crate) async fn serve(kind: Kind, dir: PathBuf, workers: usize) -> io::Result<()> {
    let floor = web::Data::new(Floor::open(kind, &dir)?);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(floor.clone())
            .app_data(web::PayloadConfig::new(16 << 20))
            .route("/Users", web::post().to(create))
            .route("/Users", web::get().to(list))
            .route("/Users/{id}", web::get().to(get))
            .route("/Users/{id}", web::put().to(change))
            .route("/Users/{id}", web::patch().to(change))
    })
    .workers(workers)
    .bind(("127.0.0.1", 0))?;
    let address = server.addrs().first().copied();
    let mut out = io::stdout().lock();
    writeln!(out, "{}", address.map(|a| a.to_string()).unwrap_or_default())?;
    out.flush()?;
    drop(out);
    server.run().await
}

struct Floor {
    kind: Kind,
    made: AtomicU64,
    users: RwLock<Users>,
    commits: Option<Sender<Commit>>,
}

#[derive(Default)]
struct Users {
    by_id: HashMap<String, Arc<Value>>,
    by_name: HashMap<String, String>,
    order: Vec<String>,
}

type Commit = (Vec<u8>, oneshot::Sender<()>);

/// Makes one batch of frames durable.
type Sink = Box<dyn FnMut(&[Commit]) -> io::Result<()> + Send>;

impl Floor {
    fn open(kind: Kind, dir: &Path) -> io::Result<Self> {
        let commits = match kind {
            Kind::Echo | Kind::Json => None,
            Kind::Durable => Some(committer(sled_sink(dir)?)),
            Kind::Plain => Some(committer(plain_sink(dir)?)),
        };
        Ok(Self { kind, made: AtomicU64::new(0), users: RwLock::default(), commits })
    }

    async fn commit(&self, frame: Vec<u8>) {
        if let Some(commits) = &self.commits {
            let (done, committed) = oneshot::channel();
            if commits.send((frame, done)).is_ok() {
                drop(committed.await);
            }
        }
    }
}

async fn create(floor: web::Data<Floor>, body: web::Bytes) -> HttpResponse {
    let made = floor.made.fetch_add(1, Ordering::Relaxed);
    let id = uuid::Uuid::from_u128((7 << 76) | u128::from(made)).to_string();
    if floor.kind == Kind::Echo {
        let mut spliced = format!("{{\"id\":\"{id}\",").into_bytes();
        spliced.extend_from_slice(body.get(1..).unwrap_or_default());
        return answer(StatusCode::CREATED, spliced);
    }
    let Ok(mut user) = serde_json::from_slice::<Value>(&body) else { return bad() };
    let name = user.get("userName").and_then(Value::as_str).unwrap_or_default().to_owned();
    put(&mut user, "id", json!(id));
    let text = serde_json::to_vec(&user).unwrap_or_default();
    {
        let mut users = floor.users.write();
        users.by_name.insert(name, id.clone());
        users.order.push(id.clone());
        users.by_id.insert(id, Arc::new(user));
    }
    floor.commit(text.clone()).await;
    answer(StatusCode::CREATED, text)
}

async fn change(floor: web::Data<Floor>, id: web::Path<String>, body: web::Bytes) -> HttpResponse {
    let Ok(change) = serde_json::from_slice::<Value>(&body) else { return bad() };
    let Some(old) = floor.users.read().by_id.get(&*id).cloned() else { return bad() };
    let mut user = (*old).clone();
    match change.get("Operations").and_then(Value::as_array) {
        Some(operations) => {
            for operation in operations {
                let path = operation.get("path").and_then(Value::as_str).unwrap_or_default();
                put(&mut user, path, operation.get("value").cloned().unwrap_or_default());
            }
        }
        None => user = change,
    }
    let text = serde_json::to_vec(&user).unwrap_or_default();
    floor.users.write().by_id.insert(id.into_inner(), Arc::new(user));
    floor.commit(text.clone()).await;
    answer(StatusCode::OK, text)
}

async fn get(floor: web::Data<Floor>, id: web::Path<String>) -> HttpResponse {
    let found = floor.users.read().by_id.get(&*id).cloned();
    match found {
        Some(user) => answer(StatusCode::OK, serde_json::to_vec(&*user).unwrap_or_default()),
        None => bad(),
    }
}

/// `?filter=userName eq "x"` by index, `?scan=x` compares every nickName, else the first hundred.
async fn list(
    floor: web::Data<Floor>,
    query: web::Query<std::collections::HashMap<String, String>>,
) -> HttpResponse {
    let users = floor.users.read();
    let found: Vec<Arc<Value>> = if let Some(filter) = query.get("filter") {
        let name = filter.split('"').nth(1).unwrap_or_default();
        let id = users.by_name.get(name);
        id.and_then(|id| users.by_id.get(id)).cloned().into_iter().collect()
    } else if let Some(name) = query.get("scan") {
        let all = users.order.iter().filter_map(|id| users.by_id.get(id));
        all.filter(|user| user["displayName"].as_str() == Some(name)).cloned().collect()
    } else {
        users.order.iter().take(100).filter_map(|id| users.by_id.get(id)).cloned().collect()
    };
    drop(users);
    let found: Vec<&Value> = found.iter().map(|user| &**user).collect();
    let list = json!({"totalResults": found.len(), "startIndex": 1, "Resources": []});
    let mut text = serde_json::to_vec(&list).unwrap_or_default();
    text.truncate(text.len() - 3);
    serde_json::to_writer(&mut text, &found).unwrap_or_default();
    text.push(b'}');
    answer(StatusCode::OK, text)
}

fn put(user: &mut Value, key: &str, value: Value) {
    if let Some(attributes) = user.as_object_mut() {
        attributes.insert(key.to_owned(), value);
    }
}

fn answer(status: StatusCode, body: Vec<u8>) -> HttpResponse {
    HttpResponse::build(status).content_type("application/scim+json").body(body)
}

fn bad() -> HttpResponse {
    HttpResponse::BadRequest().finish()
}

/// One thread drains what has queued, sinks it as one batch, then answers.
fn committer(mut sink: Sink) -> Sender<Commit> {
    let (sender, receiver): (_, Receiver<Commit>) = channel();
    std::thread::spawn(move || {
        while let Ok(first) = receiver.recv() {
            let mut batch = vec![first];
            while batch.len() < BATCH_FRAMES_MAX {
                let Ok(more) = receiver.try_recv() else { break };
                batch.push(more);
            }
            if sink(&batch).is_err() {
                return;
            }
            for (_, done) in batch {
                let _nobody_waits = done.send(());
            }
        }
    });
    sender
}

fn sled_sink(dir: &Path) -> io::Result<Sink> {
    let path = dir.join("floor");
    let config = sled::Config::new().path(&path).cache_capacity(CACHE_BYTES);
    let db = config.flush_every_ms(None).segment_size(SEGMENT_BYTES).open()?;
    let tree = db.open_tree("log")?;
    let file = File::open(path.join("db"))?;
    let mut position = 0_u64;
    Ok(Box::new(move |frames| {
        let mut batch = sled::Batch::default();
        for (frame, _) in frames {
            batch.insert(&position.to_be_bytes(), frame.as_slice());
            position += 1;
        }
        tree.apply_batch(batch)?;
        tree.flush()?;
        file.sync_data()
    }))
}

fn plain_sink(dir: &Path) -> io::Result<Sink> {
    let mut file = File::create(dir.join("floor.log"))?;
    Ok(Box::new(move |frames| {
        let bytes: Vec<u8> = frames.iter().flat_map(|(frame, _)| frame.iter().copied()).collect();
        file.write_all(&bytes)?;
        file.sync_data()
    }))
}
