//! Reading a policy file, line by line (tlog-policy, "Policy file syntax and structure").

use std::collections::{HashMap, HashSet};

use super::{
    Group, MAX_POLICY_BYTES, MAX_POLICY_ITEMS, Member, PolicyLog, PolicyWitness, Quorum,
    WitnessPolicy,
};
use crate::cosignature::CosignatureVerifier;
use crate::key::{KeyError, Verifier};

/// The name that is defined from the start: no cosignature is needed.
const NONE: &[u8] = b"none";

/// What is wrong with a policy, and in which line, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct PolicyError {
    pub line: usize,
    pub fault: PolicyFault,
}

/// What is wrong with a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    #[error("the policy is larger than {MAX_POLICY_BYTES} bytes")]
    TooLarge,
    #[error("more than {MAX_POLICY_ITEMS} logs, witnesses or groups")]
    TooMany,
    #[error("holds a control character other than tab")]
    Control,
    #[error("must begin with log, witness, group or quorum")]
    Keyword,
    #[error(
        "must be one of: log <vkey> [<url>], witness <name> <vkey> [<url>], group <name> all|any|<k> <name>…, quorum <name>"
    )]
    Form,
    #[error("{0}")]
    Key(#[from] KeyError),
    #[error("the key stands in an earlier line, too")]
    DuplicateKey,
    #[error("the name is defined in an earlier line, too, or is none")]
    DuplicateName,
    #[error("names what no earlier line defines")]
    UnknownName,
    #[error("names a member that a group has already")]
    MemberTwice,
    #[error("the threshold must be all, any or a number from 1 to the number of members")]
    Threshold,
    #[error("a policy has one quorum line")]
    Quorum,
}

impl WitnessPolicy {
    /// Reads a policy file. The last line may lack its newline.
    pub fn parse(text: &[u8]) -> Result<Self, PolicyError> {
        if text.len() > MAX_POLICY_BYTES {
            return Err(fault(1)(PolicyFault::TooLarge));
        }
        let mut reading = Reading::default();
        let mut last = 1;
        for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            reading.line(line).map_err(fault(number))?;
            last = number;
        }
        let Some(quorum) = reading.quorum else {
            return Err(fault(last)(PolicyFault::Quorum));
        };
        Ok(Self {
            text: String::from_utf8_lossy(text).into_owned(),
            logs: reading.logs,
            witnesses: reading.witnesses,
            groups: reading.groups,
            quorum,
        })
    }
}

fn fault(line: usize) -> impl Fn(PolicyFault) -> PolicyError {
    move |fault| PolicyError { line, fault }
}

/// What the lines so far have defined. Names are opaque octets; keys count as the same by their public part.
#[derive(Default)]
struct Reading<'a> {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    quorum: Option<Quorum>,
    names: HashMap<&'a [u8], Member>,
    grouped: HashSet<&'a [u8]>,
}

impl<'a> Reading<'a> {
    fn line(&mut self, line: &'a [u8]) -> Result<(), PolicyFault> {
        if line
            .iter()
            .any(|c| (*c < 0x20 && *c != b'\t') || *c == 0x7f)
        {
            return Err(PolicyFault::Control);
        }
        let items: Vec<&[u8]> = line
            .split(|c| *c == b' ' || *c == b'\t')
            .filter(|item| !item.is_empty())
            .collect();
        match items[..] {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", vkey] => self.log(vkey, None),
            [b"log", vkey, url] => self.log(vkey, Some(url)),
            [b"witness", name, vkey] => self.witness(name, vkey, None),
            [b"witness", name, vkey, url] => self.witness(name, vkey, Some(url)),
            [b"group", name, threshold, ref members @ ..] => self.group(name, threshold, members),
            [b"quorum", name] => self.quorum(name),
            [b"log" | b"witness" | b"group" | b"quorum", ..] => Err(PolicyFault::Form),
            _ => Err(PolicyFault::Keyword),
        }
    }

    fn log(&mut self, vkey: &[u8], url: Option<&[u8]>) -> Result<(), PolicyFault> {
        let verifier = Verifier::from_vkey(utf8(vkey)?)?;
        let known = |log: &PolicyLog| log.verifier.public_key() == verifier.public_key();
        if self.logs.iter().any(known) {
            return Err(PolicyFault::DuplicateKey);
        }
        let url = url.map(lossy);
        bounded(&self.logs)?;
        self.logs.push(PolicyLog { verifier, url });
        Ok(())
    }

    fn witness(
        &mut self,
        name: &'a [u8],
        vkey: &[u8],
        url: Option<&[u8]>,
    ) -> Result<(), PolicyFault> {
        let verifier = CosignatureVerifier::from_vkey(utf8(vkey)?)?;
        let known = |w: &PolicyWitness| w.verifier.public_key() == verifier.public_key();
        if self.witnesses.iter().any(known) {
            return Err(PolicyFault::DuplicateKey);
        }
        bounded(&self.witnesses)?;
        self.define(name, Member::Witness(self.witnesses.len()))?;
        self.witnesses.push(PolicyWitness {
            name: lossy(name),
            verifier,
            url: url.map(lossy),
        });
        Ok(())
    }

    fn group(
        &mut self,
        name: &'a [u8],
        threshold: &[u8],
        names: &[&'a [u8]],
    ) -> Result<(), PolicyFault> {
        if names.is_empty() {
            return Err(PolicyFault::Form);
        }
        bounded(&self.groups)?;
        let mut members = Vec::with_capacity(names.len());
        for member in names {
            members.push(self.lookup(member)?);
            if !self.grouped.insert(member) {
                return Err(PolicyFault::MemberTwice);
            }
        }
        let threshold = threshold_of(threshold, members.len())?;
        self.define(name, Member::Group(self.groups.len()))?;
        self.groups.push(Group { threshold, members });
        Ok(())
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), PolicyFault> {
        if self.quorum.is_some() {
            return Err(PolicyFault::Quorum);
        }
        self.quorum = Some(if name == NONE {
            None
        } else {
            Some(self.lookup(name)?)
        });
        Ok(())
    }

    fn define(&mut self, name: &'a [u8], member: Member) -> Result<(), PolicyFault> {
        if name == NONE || self.names.contains_key(name) {
            return Err(PolicyFault::DuplicateName);
        }
        self.names.insert(name, member);
        Ok(())
    }

    fn lookup(&self, name: &[u8]) -> Result<Member, PolicyFault> {
        self.names
            .get(name)
            .copied()
            .ok_or(PolicyFault::UnknownName)
    }
}

fn bounded<T>(items: &[T]) -> Result<(), PolicyFault> {
    if items.len() >= MAX_POLICY_ITEMS {
        return Err(PolicyFault::TooMany);
    }
    Ok(())
}

fn threshold_of(text: &[u8], members: usize) -> Result<usize, PolicyFault> {
    let number = match text {
        b"any" => 1,
        b"all" => members,
        digits if digits.iter().all(u8::is_ascii_digit) => {
            utf8(digits)?.parse().map_err(|_| PolicyFault::Threshold)?
        }
        _ => return Err(PolicyFault::Threshold),
    };
    if (1..=members).contains(&number) {
        return Ok(number);
    }
    Err(PolicyFault::Threshold)
}

fn utf8(bytes: &[u8]) -> Result<&str, PolicyFault> {
    std::str::from_utf8(bytes).map_err(|_| PolicyFault::Key(KeyError::Malformed))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
