//! Reads the text of `/metrics` back into families, so that a collector gets what stands there and nothing is counted twice.

/// One metric with all its label sets.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Family {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) unit: String,
    pub(super) help: String,
    pub(super) samples: Vec<Sample>,
}

/// One line: its suffix, such as `_total` or `_bucket`, its labels and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) suffix: String,
    pub(super) labels: Vec<(String, String)>,
    pub(super) value: f64,
}

/// The families of an `OpenMetrics` text that this program wrote. What is none of its lines is left out.
pub(super) fn families(text: &str) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for line in text.lines() {
        if let Some((what, name, rest)) = descriptor(line) {
            let Some(family) = named(&mut families, name) else {
                continue;
            };
            match what {
                "HELP" => rest.clone_into(&mut family.help),
                "TYPE" => rest.clone_into(&mut family.kind),
                "UNIT" => rest.clone_into(&mut family.unit),
                _ => {}
            }
        } else if let Some(family) = families.last_mut() {
            family.samples.extend(sample(line, &family.name));
        }
    }
    families
}

fn descriptor(line: &str) -> Option<(&str, &str, &str)> {
    let (what, rest) = line.strip_prefix("# ")?.split_once(' ')?;
    let (name, rest) = rest.split_once(' ')?;
    Some((what, name, rest))
}

/// The family under way, or a new one.
fn named<'a>(families: &'a mut Vec<Family>, name: &str) -> Option<&'a mut Family> {
    if families.last().is_none_or(|last| last.name != name) {
        let new = Family {
            name: name.to_owned(),
            kind: String::new(),
            unit: String::new(),
            help: String::new(),
            samples: Vec::new(),
        };
        families.push(new);
    }
    families.last_mut()
}

fn sample(line: &str, family: &str) -> Option<Sample> {
    let (name, value) = line.rsplit_once(' ')?;
    let rest = name.strip_prefix(family)?;
    let (suffix, labels) = rest.split_once('{').unwrap_or((rest, ""));
    Some(Sample {
        suffix: suffix.to_owned(),
        labels: labelled(labels),
        value: value.parse().ok()?,
    })
}

/// `a="b",c="d"}` with the escapes of the format.
fn labelled(text: &str) -> Vec<(String, String)> {
    let mut labels = Vec::new();
    let mut rest = text;
    while let Some((key, value)) = rest.split_once("=\"") {
        let mut read = String::new();
        let mut characters = value.chars();
        while let Some(character) = characters.next() {
            match character {
                '"' => break,
                '\\' => match characters.next() {
                    Some('n') => read.push('\n'),
                    Some(other) => read.push(other),
                    None => {}
                },
                other => read.push(other),
            }
        }
        labels.push((key.trim_start_matches(',').to_owned(), read));
        rest = characters.as_str();
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written() {
        let text = "# HELP a_seconds What it is.\n# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds{x=\"1 \\\"}\\\\,y=\",z=\"\"} 0.25\n# EOF\n";
        let read = families(text);
        assert_eq!(read.len(), 1);
        let family = &read[0];
        assert_eq!(
            (family.name.as_str(), family.kind.as_str()),
            ("a_seconds", "gauge")
        );
        assert_eq!(
            (family.unit.as_str(), family.help.as_str()),
            ("seconds", "What it is.")
        );
        let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let sample = &family.samples[0];
        assert_eq!(sample.labels, [label("x", "1 \"}\\,y="), label("z", "")]);
        assert!((sample.value - 0.25).abs() < f64::EPSILON);
    }
}
