//! The harness itself: it starts what it says, and leaves nothing behind.

use std::path::Path;
use std::process::Command;

use delt_tests::foreign::{grpcurl, python, succeed};
use delt_tests::postgres::{Durability, Postgres};
use delt_tests::process::{Delt, free_address, get};
use sqlx::{Connection as _, PgConnection};

fn socket_dir(url: &str) -> &Path {
    Path::new(url.split_once("host=").map_or("", |(_, dir)| dir))
}

#[tokio::test]
async fn databases_are_fresh_and_separate() {
    let (one, other) = (Postgres::shared().database(), Postgres::shared().database());
    let mut one = PgConnection::connect(&one).await.unwrap();
    let mut other = PgConnection::connect(&other).await.unwrap();
    sqlx::query("CREATE TABLE here (n BIGINT)")
        .execute(&mut one)
        .await
        .unwrap();
    assert!(
        sqlx::query("SELECT n FROM here")
            .fetch_all(&mut one)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        sqlx::query("SELECT n FROM here")
            .fetch_all(&mut other)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn what_is_durable_survives_a_crash() {
    let server = Postgres::start(Durability::Durable);
    let url = server.database();
    let mut before = PgConnection::connect(&url).await.unwrap();
    sqlx::query("CREATE TABLE kept (n BIGINT)")
        .execute(&mut before)
        .await
        .unwrap();
    server.crash();
    assert!(
        sqlx::query("SELECT n FROM kept")
            .fetch_all(&mut before)
            .await
            .is_err()
    );
    assert!(PgConnection::connect(&url).await.is_err());
    server.restart();
    let mut after = PgConnection::connect(&url).await.unwrap();
    sqlx::query("SELECT n FROM kept")
        .fetch_all(&mut after)
        .await
        .unwrap();
}

#[test]
fn a_dropped_server_leaves_nothing() {
    let server = Postgres::start(Durability::Fast);
    let url = server.database();
    assert!(socket_dir(&url).exists());
    drop(server);
    assert!(!socket_dir(&url).exists());
    let left = Command::new("pgrep")
        .args(["-f", socket_dir(&url).to_str().unwrap()])
        .output();
    assert!(
        left.is_ok_and(|output| output.stdout.is_empty()),
        "a process is left"
    );
}

#[test]
fn foreign_clients_are_there() {
    succeed(python().args(["-c", "import grpc, grpc_reflection"]));
    succeed(grpcurl().arg("-version"));
}

/// Takes a while to be ready, as a hub does.
const SLOW_SERVER: &str = "
import http.server, sys, time
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print('asked for', self.path, flush=True)
        self.send_response(200 if self.path == '/readyz' else 404)
        self.end_headers()
        self.wfile.write(b'ready')
time.sleep(0.3)
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Ready).serve_forever()
";

#[test]
fn a_process_is_waited_for_logged_and_killed() {
    let folder = tempfile::tempdir().unwrap();
    let admin = free_address();
    let mut server = python();
    server.args(["-c", SLOW_SERVER, &admin.port().to_string()]);
    let mut process = Delt::start(server, admin, &folder.path().join("log"));
    assert_eq!(get(admin, "/readyz").unwrap(), (200, "ready".to_owned()));
    assert_eq!(get(admin, "/other").unwrap().0, 404);
    assert!(process.log().contains("asked for /readyz"));
    process.kill();
    assert!(get(admin, "/readyz").is_err());
}

#[test]
#[should_panic(expected = "no such folder")]
fn a_process_that_ends_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut failing = python();
    failing.args(["-c", "import sys; sys.exit('no such folder')"]);
    Delt::start(failing, free_address(), &folder.path().join("log"));
}
