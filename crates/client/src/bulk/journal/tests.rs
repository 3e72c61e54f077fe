use super::*;

struct Sample {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

impl Sample {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("entries.ndjson");
        fs::write(&file, "{}\n").unwrap();
        Self {
            _folder: folder,
            file,
        }
    }

    fn journal(&self) -> PathBuf {
        self.file.with_extension("ndjson.delt-progress")
    }

    fn open(&self) -> Journal {
        Journal::open(&self.file).unwrap()
    }
}

#[test]
fn a_killed_run_continues_after_the_last_note() {
    let sample = Sample::new();
    let mut first = sample.open();
    assert_eq!(first.resumed, Resumed::Fresh);
    for line in 1..=100 {
        first.record(line, line != 17).unwrap();
    }
    drop(first);

    let mut second = sample.open();
    assert_eq!(
        second.resumed,
        Resumed::Continued {
            done: 64,
            failed: 1
        }
    );
    let wanted: Vec<u64> = (1..=102).filter(|line| second.wants(*line)).collect();
    assert_eq!(wanted[..3], [17, 65, 66], "the failed line, then on");
    second.record(17, true).unwrap();
    assert!(!second.wants(17));
    assert_eq!(second.done(), 64, "an old line does not set the mark");
    for line in 65..=102 {
        second.record(line, true).unwrap();
    }
    second.finish().unwrap();
    assert!(!sample.journal().exists(), "nothing left to do");
}

#[test]
fn failed_lines_are_kept_and_tried_once_a_run() {
    let sample = Sample::new();
    let mut run = sample.open();
    run.record(1, false).unwrap();
    run.record(2, true).unwrap();
    assert!(!run.wants(1), "not again in the same run");
    run.finish().unwrap();
    let mut run = sample.open();
    assert_eq!(run.resumed, Resumed::Continued { done: 2, failed: 1 });
    assert!(run.wants(1) && !run.wants(2));
    run.record(1, false).unwrap();
    run.finish().unwrap();
    let run = sample.open();
    assert!(run.wants(1));
    assert_eq!(run.failed().len(), 1);
}

#[test]
fn a_changed_file_is_begun_anew() {
    let sample = Sample::new();
    let mut run = sample.open();
    run.record(1, true).unwrap();
    run.save().unwrap();
    fs::write(&sample.file, "{}\n{}\n").unwrap();
    let run = sample.open();
    assert_eq!(run.resumed, Resumed::FileChanged);
    assert!(run.wants(1));
}

#[test]
fn a_torn_or_strange_note_costs_nothing() {
    let sample = Sample::new();
    let mut run = sample.open();
    run.record(1, true).unwrap();
    run.save().unwrap();
    drop(run);
    let mut out = OpenOptions::new()
        .append(true)
        .open(sample.journal())
        .unwrap();
    out.write_all(b"done x\nnonsense\n\xff\xfe 3\ndone 99")
        .unwrap();
    let mut run = sample.open();
    assert_eq!(run.done(), 1, "the torn 99 does not count");
    run.record(2, false).unwrap();
    run.save().unwrap();
    drop(run);
    let run = sample.open();
    assert_eq!((run.done(), run.failed().len()), (2, 1), "nor later");
}
