//! The log's files, fetched by Python over HTTPS without a client certificate.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use delt_tests::foreign::python;
use delt_tests::hub::TestHub;
use delt_tests::tree;

pub(crate) struct Web {
    address: SocketAddr,
    ca: PathBuf,
}

/// A file as it came.
#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    pub(crate) status: u64,
    pub(crate) kind: String,
    pub(crate) cache: String,
    pub(crate) body: Vec<u8>,
}

impl Web {
    pub(crate) fn of(hub: &TestHub) -> Self {
        let files = hub.profile.system("sundhedsportal").expect("a system");
        Self {
            address: hub.running.api,
            ca: files.ca,
        }
    }

    /// Several files over one connection, in order.
    pub(crate) fn get_all(&self, paths: &[String]) -> Vec<Fetched> {
        tokio::task::block_in_place(|| self.ask(paths))
    }

    pub(crate) fn get(&self, path: &str) -> Fetched {
        self.get_all(&[path.to_owned()]).remove(0)
    }

    pub(crate) fn checkpoint(&self) -> String {
        let fetched = self.get("/log/checkpoint");
        assert_eq!(fetched.status, 200);
        String::from_utf8(fetched.body).unwrap()
    }

    fn ask(&self, paths: &[String]) -> Vec<Fetched> {
        let mut python = python();
        python
            .arg(tree::root().join("tests/python/log_fetch.py"))
            .arg(self.address.to_string())
            .arg(&self.ca)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut running = python.spawn().unwrap();
        let mut input = running.stdin.take().unwrap();
        input.write_all(paths.join("\n").as_bytes()).unwrap();
        drop(input);
        let output = running.wait_with_output().unwrap();
        assert!(output.status.success(), "the client failed");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(fetched).collect()
    }
}

fn fetched(line: &str) -> Fetched {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    Fetched {
        status: line["status"].as_u64().unwrap(),
        kind: text("type"),
        cache: text("cache"),
        body: STANDARD.decode(text("body")).unwrap(),
    }
}

/// The checkpoint once nothing waits any more.
pub(crate) async fn settled(web: &Web) -> String {
    let mut before = web.checkpoint();
    loop {
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let now = web.checkpoint();
        if now == before {
            return now;
        }
        before = now;
    }
}
