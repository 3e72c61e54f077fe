//! `delt check-config`

use std::{io::Write as _, path::PathBuf};

use clap::Args;

use super::Failure;
use crate::config::Config;

/// Reads the file and everything it names, and lists all that is wrong.
#[derive(Debug, Args)]
pub(super) struct CheckConfig {
    file: PathBuf,
}

impl CheckConfig {
    pub(super) fn run(&self) -> Result<(), Failure> {
        Config::load(&self.file)?.validate()?;
        writeln!(std::io::stdout().lock(), "{}: good", self.file.display())?;
        Ok(())
    }
}
