//! Consent as the national service has it: what a block covers, what a permit opens, and when.

use crate::world::*;
use delt_policy::*;

const WITHHELD: Option<Verdict> = Some(Verdict::Withheld(WithheldReason::Consent));
const VISIBLE: Option<Verdict> = Some(Verdict::Visible);

fn see(consents: &[Consent], entry: &EntryFacts) -> Option<Verdict> {
    verdict(
        &physician(WARD),
        Purpose::Treat,
        &with_consents(consents),
        entry,
    )
}

fn types(codes: &[&str]) -> What {
    What {
        document_types: codes.iter().map(|code| (*code).to_owned()).collect(),
        ..What::all()
    }
}

fn period(from: Option<Micros>, to: Option<Micros>) -> What {
    What {
        period: Some(Period { from, to }),
        ..What::all()
    }
}

#[test]
fn without_consents_everything_is_open() {
    assert_eq!(see(&[], &appointment()), VISIBLE);
}

#[test]
fn validity_is_about_the_time_of_retrieval() {
    let base = block(from_place(CARDIOLOGY, false), Who::All);
    let cases = [
        (
            Consent {
                valid_from: NOW,
                ..base.clone()
            },
            WITHHELD,
        ),
        (
            Consent {
                valid_from: NOW + 1,
                ..base.clone()
            },
            VISIBLE,
        ),
        (
            Consent {
                valid_until: None,
                ..base.clone()
            },
            WITHHELD,
        ),
        (
            Consent {
                valid_until: Some(NOW + 1),
                ..base.clone()
            },
            WITHHELD,
        ),
        (
            Consent {
                valid_until: Some(NOW),
                ..base.clone()
            },
            VISIBLE,
        ),
        (
            Consent {
                ended_at: Some(NOW),
                ..base.clone()
            },
            VISIBLE,
        ),
        (
            Consent {
                ended_at: Some(NOW + 1),
                ..base.clone()
            },
            WITHHELD,
        ),
        (
            Consent {
                patient: key(2),
                ..base
            },
            VISIBLE,
        ),
    ];
    for (consent, expected) in cases {
        assert_eq!(
            see(std::slice::from_ref(&consent), &appointment()),
            expected,
            "{consent:?}"
        );
    }
}

#[test]
fn who_is_named_is_held_back_and_nobody_else() {
    let all = |who| [block(from_place(CARDIOLOGY, false), who)];
    let ward = |with| Who::Organisation(place(HOSPITAL, with));
    assert_eq!(see(&all(Who::All), &appointment()), WITHHELD);
    assert_eq!(
        see(&all(Who::Person(auth("7lk1d"))), &appointment()),
        WITHHELD
    );
    assert_eq!(
        see(&all(Who::Person(auth("9XXXX"))), &appointment()),
        VISIBLE
    );
    assert_eq!(see(&all(ward(true)), &appointment()), WITHHELD);
    assert_eq!(see(&all(ward(false)), &appointment()), VISIBLE);
    let practice = Who::Organisation(place(PRACTICE, true));
    assert_eq!(see(&all(practice), &appointment()), VISIBLE);
}

#[test]
fn a_block_on_everything_ends_the_search_unless_a_permit_stands_beside_it() {
    let closed = block(What::all(), Who::All);
    let reason = denied(search(
        &physician(WARD),
        Purpose::Treat,
        &with_consents(std::slice::from_ref(&closed)),
    ));
    assert_eq!(reason, DenialReason::ConsentBlocksAll);
    let opened = permit(from_place(CARDIOLOGY, false), Who::Person(auth("7LK1D")));
    let both = [closed, opened];
    assert_eq!(see(&both, &appointment()), VISIBLE);
    assert_eq!(see(&both, &entry(2, "39289-4", Some(PSYCHIATRY))), WITHHELD);
}

#[test]
fn a_permit_without_an_end_opens_nothing() {
    let closed = block(from_place(CARDIOLOGY, false), Who::All);
    let endless = Consent {
        valid_until: None,
        ..permit(What::all(), Who::All)
    };
    assert_eq!(see(&[closed, endless], &appointment()), WITHHELD);
}

#[test]
fn a_block_covers_one_entry_or_types() {
    let one = What {
        entry: Some(id(0xe1)),
        ..What::all()
    };
    assert_eq!(
        see(&[block(one.clone(), Who::All)], &appointment()),
        WITHHELD
    );
    assert_eq!(
        see(&[block(one, Who::All)], &entry(2, "39289-4", None)),
        VISIBLE
    );
    let kinds = [block(types(&["pdc", "39289-4"]), Who::All)];
    assert_eq!(see(&kinds, &appointment()), WITHHELD);
    assert_eq!(see(&kinds, &entry(2, "PDC", None)), WITHHELD);
    assert_eq!(see(&kinds, &entry(2, "11502-2", None)), VISIBLE);
    assert_eq!(see(&kinds, &entry(2, " ", None)), WITHHELD, "precaution");
}

#[test]
fn a_block_covers_a_period_of_the_data() {
    let (start, stop) = (NOW - 12 * DAY, NOW - 11 * DAY);
    let cases = [
        (Some(start), Some(stop), WITHHELD),
        (Some(stop), None, WITHHELD),
        (None, Some(start), WITHHELD),
        (Some(stop + 1), None, VISIBLE),
        (None, Some(start - 1), VISIBLE),
        (None, None, WITHHELD),
    ];
    for (from, to, expected) in cases {
        assert_eq!(
            see(&[block(period(from, to), Who::All)], &appointment()),
            expected,
            "{from:?} {to:?}"
        );
    }
}

#[test]
fn silent_times_are_blocked_and_not_permitted() {
    let long_ago = period(Some(NOW - 900 * DAY), Some(NOW - 800 * DAY));
    let untimed = EntryFacts {
        service_start: None,
        service_stop: None,
        ..appointment()
    };
    let twisted = EntryFacts {
        service_start: Some(NOW),
        service_stop: Some(NOW - DAY),
        ..appointment()
    };
    let no_start = EntryFacts {
        service_start: None,
        ..appointment()
    };
    let no_stop = EntryFacts {
        service_stop: None,
        ..appointment()
    };
    for entry in [&untimed, &twisted, &no_start] {
        assert_eq!(see(&[block(long_ago.clone(), Who::All)], entry), WITHHELD);
    }
    assert_eq!(see(&[block(long_ago, Who::All)], &no_stop), VISIBLE);
    let closed = block(from_place(CARDIOLOGY, false), Who::All);
    let wide = permit(period(Some(NOW - 90 * DAY), Some(NOW)), Who::All);
    for entry in [&untimed, &twisted, &no_start] {
        assert_eq!(see(&[closed.clone(), wide.clone()], entry), WITHHELD);
    }
    assert_eq!(see(&[closed.clone(), wide], &appointment()), VISIBLE);
    let half = permit(period(Some(NOW - 12 * DAY + HOUR), Some(NOW)), Who::All);
    assert_eq!(see(&[closed, half], &appointment()), WITHHELD);
}

#[test]
fn a_block_on_a_place_covers_units_by_choice_and_parents_by_precaution() {
    let by = |author| entry(2, "39289-4", author);
    let alone = [block(from_place(CARDIOLOGY, false), Who::All)];
    let with_units = [block(from_place(CARDIOLOGY, true), Who::All)];
    let cases = [
        (Some(CARDIOLOGY), WITHHELD, WITHHELD),
        (Some(WARD), VISIBLE, WITHHELD),
        (Some(HOSPITAL), WITHHELD, WITHHELD),
        (Some(REGION), WITHHELD, WITHHELD),
        (Some(PSYCHIATRY), VISIBLE, VISIBLE),
        (Some(PRACTICE), VISIBLE, VISIBLE),
        (Some(STRANGE), VISIBLE, WITHHELD),
        (None, WITHHELD, WITHHELD),
    ];
    for (author, only, units) in cases {
        assert_eq!(see(&alone, &by(author)), only, "{author:?}");
        assert_eq!(
            see(&with_units, &by(author)),
            units,
            "{author:?} with units"
        );
    }
    // "Unless a permit says otherwise": one for the parent's own data opens them again.
    let parent = permit(from_place(HOSPITAL, false), Who::All);
    let both = [block(from_place(CARDIOLOGY, true), Who::All), parent];
    assert_eq!(see(&both, &by(Some(HOSPITAL))), VISIBLE);
    assert_eq!(see(&both, &by(Some(WARD))), WITHHELD);
}

#[test]
fn limits_hold_together() {
    let what = What {
        origin: Some(place(CARDIOLOGY, true)),
        ..types(&["39289-4"])
    };
    let narrow = [block(what, Who::All)];
    assert_eq!(see(&narrow, &appointment()), WITHHELD);
    assert_eq!(
        see(&narrow, &entry(2, "11502-2", Some(CARDIOLOGY))),
        VISIBLE
    );
    assert_eq!(see(&narrow, &entry(2, "39289-4", Some(PRACTICE))), VISIBLE);
}

/// A permit that may be kept, for `days` from now.
fn lasting(days: i64) -> Consent {
    Consent {
        valid_from: NOW,
        valid_until: Some(NOW + days * DAY),
        ..permit(What::all(), Who::All)
    }
}

#[track_caller]
fn refused(field: &str, change: impl Fn(&mut Consent)) {
    let mut consent = lasting(300);
    change(&mut consent);
    assert_eq!(
        consent.check(&TREE).unwrap_err().field,
        field,
        "{consent:?}"
    );
}

#[test]
fn a_new_consent_needs_a_lawful_validity() {
    assert_eq!(lasting(365).check(&TREE), Ok(()));
    let endless = Consent {
        valid_until: None,
        ..block(What::all(), Who::All)
    };
    assert_eq!(endless.check(&TREE), Ok(()));
    refused("valid_until", |c| c.valid_until = None);
    refused("valid_until", |c| c.valid_until = Some(NOW));
    refused("valid_until", |c| c.valid_until = Some(NOW + 366 * DAY));
    refused("valid_until", |c| c.valid_until = Some(Micros::MAX));
    refused("valid_from", |c| c.valid_from = Micros::MIN);
    refused("ended_at", |c| c.ended_at = Some(NOW));
}

#[test]
fn a_new_consent_needs_a_scope_that_can_be_shown() {
    refused("what.period", |c| c.what = period(Some(2), Some(1)));
    refused("what.document_types", |c| c.what = types(&[" "]));
    refused("what.document_types", |c| c.what = types(&["x"; 65]));
    refused("what.origin.organisation", |c| {
        c.what = from_place(STRANGE, true);
    });
    refused("who.organisation", |c| {
        c.who = Who::Organisation(place(STRANGE, true));
    });
}

#[test]
fn a_year_from_leap_day_ends_in_march() {
    let leap_day = 1_835_395_200_000_000; // 2028-02-29T00:00:00Z
    let ends = |days| Consent {
        valid_from: leap_day,
        valid_until: Some(leap_day + days * DAY),
        ..permit(What::all(), Who::All)
    };
    assert_eq!(ends(366).check(&TREE), Ok(()));
    assert_eq!(ends(367).check(&TREE).unwrap_err().field, "valid_until");
}

#[test]
fn a_consent_reads_back_from_json() {
    let what = What {
        period: Some(Period {
            from: Some(1),
            to: None,
        }),
        ..from_place(CARDIOLOGY, true)
    };
    let consent = block(what, Who::Person(auth("7LK1D")));
    let json = serde_json::to_string(&consent).unwrap();
    assert_eq!(serde_json::from_str::<Consent>(&json).unwrap(), consent);
    let foreign = json.replace("sor:1110", "ydernummer:1110");
    assert!(serde_json::from_str::<Consent>(&foreign).is_err());
}
