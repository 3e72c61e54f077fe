//! `PgBouncer` in transaction mode, as it is deployed, in front of the tests' own PostgreSQL.

use crate::process::free_address;
use crate::program::{Program, changed};
use crate::tree;

/// A running `PgBouncer`. It ends when this is dropped.
#[derive(Debug)]
pub struct Pooler {
    program: Program,
    url: String,
}

impl Pooler {
    /// Starts one that gives so many connections to a database of [`crate::postgres::Postgres::database`]: fewer than the hubs open, so that they have to
    /// take turns with them.
    pub fn start(database: &str, connections: u32) -> Self {
        let (server, folder) = database.split_once("?host=").expect("a URL of ours");
        let name = server.rsplit('/').next().expect("a URL of ours");
        let address = free_address();
        let deployed = tree::read("deploy/pgbouncer/pgbouncer.ini");
        let config = changed(
            &deployed,
            &[
                ("delt = ", &format!("{name} = host={folder} dbname={name}")),
                ("listen_port", &format!("listen_port = {}", address.port())),
                ("auth_type", "auth_type = trust"),
                ("auth_file", "auth_file = userlist.txt"),
                ("server_tls", "; a socket in a folder of the tests' own"),
                (
                    "default_pool_size",
                    &format!("default_pool_size = {connections}"),
                ),
            ],
        );
        let files = [
            ("pgbouncer.ini", config.as_str()),
            ("userlist.txt", "\"postgres\" \"\"\n"),
        ];
        Self {
            program: Program::start("pgbouncer", &["pgbouncer.ini"], &files, address),
            url: format!("postgres://postgres@{address}/{name}"),
        }
    }

    /// What `store.pooler_url` takes.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// What `PgBouncer` wrote.
    pub fn log(&self) -> String {
        self.program.log()
    }
}
