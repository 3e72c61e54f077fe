//! On what was measured.

use serde_json::{Value, json};

use crate::bench::measure::proc;

/// Cores, their model, memory, and how busy the machine was with other things.
pub(crate) fn describe() -> Value {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    json!({
        "cores": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        "model": proc::named("/proc/cpuinfo", "model name"),
        "memory": proc::named("/proc/meminfo", "MemTotal"),
        "system": system(),
        "load_at_end": load.split(' ').next(),
        "delt": env!("CARGO_PKG_VERSION"),
    })
}

fn system() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
    Some(format!("Linux {}", text.trim()))
}
