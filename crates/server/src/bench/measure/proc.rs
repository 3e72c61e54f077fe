//! What Linux tells of a process in `/proc` (proc(5)).

use std::fs;
use std::io;

use super::super::Failure;

/// Where the figures come from, and what to do where there are none.
const NEEDED: &str = "cannot be read: CPU time and memory are measured through /proc of Linux";

/// A line of `/proc/<pid>/stat`, as far as it is used. Times are in ticks of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) parent: u32,
    /// Of the process itself, in user and in kernel mode.
    pub(crate) own: u64,
    /// Of its children that have ended and were waited for.
    pub(crate) ended: u64,
}

/// Memory of a process, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Memory {
    /// Resident: `VmRSS`, files that are mapped included.
    pub(crate) resident: u64,
    /// Of that, what is no file: `RssAnon`.
    pub(crate) anonymous: u64,
    /// The most that was ever resident: `VmHWM`.
    pub(crate) highest: u64,
}

pub(crate) fn stat(pid: u32) -> Result<Stat, Failure> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path} {NEEDED} ({error})"))?;
    parse_stat(&text).ok_or_else(|| format!("{path} has another form than expected").into())
}

/// The second field is the program's name in parentheses, and may hold anything, parentheses too.
fn parse_stat(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    let mut ticks = fields.skip(9).map(|field| field.parse::<u64>().ok());
    let mut next = || ticks.next().flatten();
    let own = next()?.checked_add(next()?)?;
    let ended = next()?.checked_add(next()?)?;
    Some(Stat { parent, own, ended })
}

pub(crate) fn memory(pid: u32) -> Result<Memory, Failure> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path} {NEEDED} ({error})"))?;
    Ok(parse_status(&text))
}

fn parse_status(text: &str) -> Memory {
    let kib = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_ascii_whitespace().next());
        number
            .and_then(|number| number.parse().ok())
            .unwrap_or_default()
    };
    Memory {
        resident: kib("VmRSS:"),
        anonymous: kib("RssAnon:"),
        highest: kib("VmHWM:"),
    }
}

/// All processes and what `/proc` tells of them. One that ends meanwhile is left out.
pub(crate) fn all() -> io::Result<Vec<(u32, Stat)>> {
    let entries = fs::read_dir("/proc")?;
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    Ok(pids
        .filter_map(|pid| Some((pid, stat(pid).ok()?)))
        .collect())
}

/// The value after a name in a file like `/proc/cpuinfo` or `/proc/meminfo`.
pub(crate) fn named(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        "4711 (a) b) (c) S 17 4711 4711 0 -1 4194560 1 2 3 4 150 25 7 3 20 0 9 0 1234 1 1 1\n";

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let stat = parse_stat(LINE).unwrap();
        assert_eq!((stat.parent, stat.own, stat.ended), (17, 175, 10));
    }

    #[test]
    fn anything_else_is_no_stat() {
        for text in [
            "",
            "1",
            "1 (a)",
            "1 (a) S",
            "1 (a) S x 1 1",
            LINE.get(..50).unwrap(),
        ] {
            assert_eq!(parse_stat(text), None, "{text}");
        }
    }

    #[test]
    fn memory_is_read_by_name() {
        let text = "Name:\tdelt\nVmHWM:\t  2000 kB\nVmRSS:\t  1500 kB\nRssAnon:\t 900 kB\nRssFile:\t 600 kB\n";
        let memory = parse_status(text);
        assert_eq!(
            (memory.resident, memory.anonymous, memory.highest),
            (1_500, 900, 2_000)
        );
        assert_eq!(parse_status(""), Memory::default());
    }

    #[test]
    fn this_process_has_figures() {
        let own = stat(std::process::id()).unwrap();
        assert!(own.parent > 0);
        assert!(memory(std::process::id()).unwrap().resident > 0);
        assert!(
            all()
                .unwrap()
                .iter()
                .any(|(pid, _)| *pid == std::process::id())
        );
    }
}
