//! `[review]`.

use std::collections::BTreeSet;

use super::Report;
use crate::config::{Config, ManyPatients, OutsideHours, Review};

/// As many patients or looks as one person can have in a day, far above any real one.
const IN_A_DAY: [u32; 2] = [1, 5_000];
/// As many common names as are worth ignoring.
const NAMES_MAX: usize = 1_000;

pub(super) fn review(config: &Config, report: &mut Report) {
    let review: &Review = &config.review;
    report.within("review.interval_ms", review.interval_ms, [100, 3_600_000]);
    many_patients(&review.many_patients, report);
    report.within(
        "review.many_places.places",
        review.many_places.places,
        [1, 1_000],
    );
    let names = review.same_family_name.ignore.len();
    report.within("review.same_family_name.ignore", names, [0, NAMES_MAX]);
    report.within("review.colleague.days", review.colleague.days, [1, 3_650]);
    outside_hours(&review.outside_hours, report);
    known_roles(config, report);
}

fn many_patients(rule: &ManyPatients, report: &mut Report) {
    report.within("review.many_patients.patients", rule.patients, IN_A_DAY);
    for (role, limit) in &rule.roles {
        let field = format!("review.many_patients.roles.{role}");
        report.within(&field, *limit, IN_A_DAY);
    }
}

fn outside_hours(rule: &OutsideHours, report: &mut Report) {
    report.require(
        rule.from < rule.to,
        "review.outside_hours.to",
        "must be later in the day than review.outside_hours.from",
    );
    let days: BTreeSet<u8> = rule
        .weekdays
        .iter()
        .map(|day| day.number_from_monday())
        .collect();
    report.require(
        days.len() == rule.weekdays.len(),
        "review.outside_hours.weekdays",
        "names a day twice",
    );
    report.within("review.outside_hours.at_least", rule.at_least, IN_A_DAY);
}

/// A role that no policy knows is a slip of the pen, and would leave the rule to do nothing. The defaults may name roles that own policies lack.
fn known_roles(config: &Config, report: &mut Report) {
    // Where they cannot be read, that is the problem, and it is told elsewhere.
    let Ok(policies) = config.policy.roles() else {
        return;
    };
    let defaults = Review::default();
    let mut known: BTreeSet<String> = policies
        .staff_roles()
        .iter()
        .map(|role| role.code().to_owned())
        .collect();
    known.extend(defaults.many_patients.roles.into_keys());
    known.extend(defaults.outside_hours.shift_roles);
    let review = &config.review;
    let hours = &review.outside_hours;
    for (field, roles) in [
        (
            "review.many_patients.roles",
            review.many_patients.roles.keys().collect::<Vec<_>>(),
        ),
        ("review.outside_hours.roles", hours.roles.iter().collect()),
        (
            "review.outside_hours.shift_roles",
            hours.shift_roles.iter().collect(),
        ),
    ] {
        let all = roles.iter().all(|role| known.contains(*role));
        report.require(all, field, "names a role that the policies do not know");
    }
}
