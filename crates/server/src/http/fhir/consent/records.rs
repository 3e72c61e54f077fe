//! The rules of a consent, put together to records: what closes first, then what opens.

use delt_formats::fhir::consent::{Provision, ProvisionType};
use delt_hub::consent::ConsentTerms;
use delt_policy::{ConsentKind, Micros, Period, What, Who, delegation::years_after};

use super::limits::{Purposes, Rule};
use super::moments::{bounds, earlier, later};
use super::{Refusal, Remark};

/// How many records one consent may come to.
const MAX_RECORDS: usize = 50;
const ROOT: &str = "Consent.provision";

type Validity = (Option<Micros>, Option<Micros>);

/// What has been put together so far.
struct Draft {
    now: Micros,
    blocks: Vec<ConsentTerms>,
    permits: Vec<ConsentTerms>,
    remarks: Vec<Remark>,
}

/// The records of a root rule with its exceptions.
pub(super) fn of(
    root: &Provision,
    now: Micros,
) -> Result<(Vec<ConsentTerms>, Vec<Remark>), Refusal> {
    let mut draft = Draft {
        now,
        blocks: Vec::new(),
        permits: Vec::new(),
        remarks: Vec::new(),
    };
    let rule = Rule {
        path: ROOT,
        says: root,
    };
    rule.check_labels()?;
    let (_, until) = bounds(root.period, root.kind);
    if until.is_some_and(|until| until <= now) {
        return Err(Refusal::new(format!("{ROOT}.period.end"), "has passed"));
    }
    if rule.purposes(&mut draft.remarks)? == Purposes::BreakGlass {
        let reason = "who may break the glass is for the law and the roles, not for a consent";
        return Err(Refusal::new(format!("{ROOT}.purpose"), reason));
    }
    match root.kind {
        ProvisionType::Permit => draft.permit(rule)?,
        ProvisionType::Deny => draft.deny(rule)?,
    }
    Ok(draft.finish())
}

impl Draft {
    /// A permit at the root. Without a limit it opens what is open already; with one, all else is closed.
    fn permit(&mut self, root: Rule<'_>) -> Result<(), Refusal> {
        let by_time_alone = root.says.actors.is_empty() && root.says.data.is_empty();
        if !by_time_alone {
            if let Some((path, _)) =
                exceptions(root).find(|(_, says)| says.kind == ProvisionType::Deny)
            {
                let reason = "an exception to a permit for some actors or data cannot be kept: in Delt a permit overrides every block";
                return Err(Refusal::new(path, reason));
            }
            self.block(root, root, &[What::all()], &[Who::All])?;
            self.open(root, root)?;
        } else if root.limits_data() {
            let around = around(root)?;
            self.block(root, root, &around, &[Who::All])?;
        }
        for kind in [ProvisionType::Deny, ProvisionType::Permit] {
            for (path, says) in exceptions(root).filter(|(_, says)| says.kind == kind) {
                self.exception(Rule { path: &path, says }, root)?;
            }
        }
        Ok(())
    }

    /// What an exception to a permit closes, or opens where something is closed.
    fn exception(&mut self, rule: Rule<'_>, root: Rule<'_>) -> Result<(), Refusal> {
        rule.check_labels()?;
        if !self.all_purposes(rule)? {
            return Ok(());
        }
        match rule.says.kind {
            ProvisionType::Deny => self.block(rule, root, &rule.what()?, &rule.who()?),
            ProvisionType::Permit if self.blocks.is_empty() => Ok(()),
            ProvisionType::Permit => self.open(rule, root),
        }
    }

    /// A block, with permits for its exceptions. A permit opens no more than the block closes, so an exception that is
    /// not limited itself takes the limits of the block.
    fn deny(&mut self, root: Rule<'_>) -> Result<(), Refusal> {
        self.block(root, root, &root.what()?, &root.who()?)?;
        for (path, says) in exceptions(root) {
            let rule = Rule { path: &path, says };
            rule.check_labels()?;
            if says.kind == ProvisionType::Deny {
                return Err(Refusal::new(path, "a deny is no exception to a deny"));
            }
            if self.all_purposes(rule)? {
                self.open(rule, root)?;
            }
        }
        Ok(())
    }

    /// Whether the rule is for all purposes; where it is a permit for break-glass there is nothing to keep.
    fn all_purposes(&mut self, rule: Rule<'_>) -> Result<bool, Refusal> {
        if rule.purposes(&mut self.remarks)? == Purposes::All {
            return Ok(true);
        }
        if rule.says.kind == ProvisionType::Permit && !rule.limits_data() {
            return Ok(false);
        }
        let reason =
            "break-glass cannot be closed or limited by a consent (Sundhedsloven § 42 a, stk. 2)";
        Err(Refusal::new(format!("{}.purpose", rule.path), reason))
    }

    /// Also what a permit closes beside itself is closed, so it begins and ends where that protects more.
    fn block(
        &mut self,
        rule: Rule<'_>,
        root: Rule<'_>,
        what: &[What],
        who: &[Who],
    ) -> Result<(), Refusal> {
        let validity = self.within(rule, root, ProvisionType::Deny);
        if validity
            .1
            .is_some_and(|until| until <= validity.0.unwrap_or(self.now))
        {
            return Ok(());
        }
        self.remarks.push(Remark::BreakGlassStays);
        let terms = records(ConsentKind::Negative, what, who, validity);
        self.blocks.extend(terms);
        self.bounded(rule)
    }

    fn open(&mut self, rule: Rule<'_>, root: Rule<'_>) -> Result<(), Refusal> {
        let validity = self.within(rule, root, ProvisionType::Permit);
        let (what, who) = opened(rule, root)?;
        self.check_end(rule, validity)?;
        self.remarks.push(Remark::PermitGoesFirst);
        let place = who.iter().any(|who| matches!(who, Who::Organisation(_)))
            || what.iter().any(|what| what.origin.is_some());
        if place {
            self.remarks.push(Remark::PermitWithoutUnits);
        }
        let terms = records(ConsentKind::Positive, &what, &who, validity);
        self.permits.extend(terms);
        self.bounded(rule)
    }

    /// When both a rule and the root are in force. A start that has passed is left out: a record never claims to have
    /// held before it was registered.
    fn within(&self, rule: Rule<'_>, root: Rule<'_>, kind: ProvisionType) -> Validity {
        let (from, until) = bounds(rule.says.period, kind);
        let (outer_from, outer_until) = bounds(root.says.period, kind);
        let from = later(from, outer_from).filter(|from| self.now < *from);
        (from, earlier(until, outer_until))
    }

    fn check_end(&self, rule: Rule<'_>, (from, until): Validity) -> Result<(), Refusal> {
        let from = from.unwrap_or(self.now);
        let latest = years_after(from, 1);
        if until.is_some_and(|until| from < until && Some(until) <= latest) {
            return Ok(());
        }
        let reason = "a permit must end, and at most a year after it begins or is registered (Sundhedsloven § 44)";
        Err(Refusal::new(format!("{}.period.end", rule.path), reason))
    }

    fn bounded(&self, rule: Rule<'_>) -> Result<(), Refusal> {
        let few = self.blocks.len() + self.permits.len() <= MAX_RECORDS;
        let reason = "the consent comes to more than fifty records";
        few.then_some(())
            .ok_or_else(|| Refusal::new(rule.path, reason))
    }

    fn finish(mut self) -> (Vec<ConsentTerms>, Vec<Remark>) {
        if self.permits.is_empty() {
            let of_permits = [Remark::PermitGoesFirst, Remark::PermitWithoutUnits];
            self.remarks.retain(|remark| !of_permits.contains(remark));
        }
        if self.blocks.is_empty() {
            self.remarks.push(Remark::NothingToRegister);
        }
        self.blocks.append(&mut self.permits);
        (self.blocks, self.remarks)
    }
}

fn exceptions(root: Rule<'_>) -> impl Iterator<Item = (String, &Provision)> {
    let path = root.path;
    let numbered = root.says.exceptions.iter().enumerate();
    numbered.map(move |(at, says)| (format!("{path}.provision[{at}]"), says))
}

/// All data but those of the period that a permit names.
fn around(root: Rule<'_>) -> Result<Vec<What>, Refusal> {
    let named = root.what()?;
    let period = named.first().and_then(|what| what.period);
    let before = period.and_then(|period| period.from).map(|from| Period {
        from: None,
        to: Some(from - 1),
    });
    let after = period.and_then(|period| period.to).map(|to| Period {
        from: Some(to + 1),
        to: None,
    });
    let outside = |period| What {
        period: Some(period),
        ..What::all()
    };
    Ok([before, after].into_iter().flatten().map(outside).collect())
}

/// What an exception opens and for whom. What it does not limit itself is limited as the root is.
fn opened(rule: Rule<'_>, root: Rule<'_>) -> Result<(Vec<What>, Vec<Who>), Refusal> {
    let closes = root.says.kind == ProvisionType::Deny;
    let both = |member: &str| {
        let reason = "limits the exception and the rule itself: which of both together is meant cannot be kept";
        Err(Refusal::new(format!("{}.{member}", rule.path), reason))
    };
    if closes && rule.limits_data() && root.limits_data() {
        return both("data");
    }
    if closes && !rule.says.actors.is_empty() && !root.says.actors.is_empty() {
        return both("actor");
    }
    let narrow = |rule: Rule<'_>| Provision {
        kind: ProvisionType::Permit,
        ..rule.says.clone()
    };
    let inherited = narrow(root);
    let inherited = Rule {
        path: root.path,
        says: &inherited,
    };
    let what = if rule.limits_data() {
        rule.what()?
    } else {
        inherited.what()?
    };
    let who = if rule.says.actors.is_empty() {
        inherited.who()?
    } else {
        rule.who()?
    };
    Ok((what, who))
}

fn records(
    kind: ConsentKind,
    what: &[What],
    who: &[Who],
    (from, until): Validity,
) -> Vec<ConsentTerms> {
    let with = |what: &What, who: &Who| ConsentTerms {
        kind,
        what: what.clone(),
        who: who.clone(),
        valid_from: from,
        valid_until: until,
    };
    what.iter()
        .flat_map(|what| who.iter().map(move |who| with(what, who)))
        .collect()
}
