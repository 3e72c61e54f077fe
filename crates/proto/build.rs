//! Compiles `proto/` without `protoc`: protox is a compiler in Rust.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

/// The message that answers are spliced from, kept by hand in `src/spliced.rs`.
const SPLICED: &str = ".delt.document.v1.IndexedDocument";

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script its folders this way"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed={}", root.display());

    let areas = fs::read_dir(root.join("delt"))?
        .map(|area| Ok(area?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>, std::io::Error>>()?;
    let files = areas
        .iter()
        .map(|area| format!("delt/{area}/v1/{area}.proto"));
    let descriptors = protox::compile(files, [&root])?;

    fs::write(out.join("delt.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure()
        .bytes(".delt")
        .extern_path(SPLICED, "crate::spliced::IndexedDocument")
        .compile_fds(descriptors)?;
    Ok(())
}
