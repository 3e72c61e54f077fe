//! Break-glass: reasons and grounds, the glass that is still broken, and what a lifted block opens.

use delt_policy::*;

use crate::rights::*;
use crate::world::*;

#[test]
fn breaking_the_glass_needs_a_reason() {
    let doctor = physician(PSYCHIATRY);
    let long = "æ".repeat(501);
    for reason in [
        None,
        Some(""),
        Some("hastende"),
        Some("   hastende    "),
        Some(long.as_str()),
    ] {
        let request = Request {
            override_reason: reason,
            ..request(&doctor, Action::SearchRecord, Some(Purpose::Btg))
        };
        assert_eq!(
            denied(decide(&request, &facts(), NOW)),
            DenialReason::OverrideReasonMissing
        );
    }
    let most = "æ".repeat(500);
    for reason in ["bevidstløs", most.as_str()] {
        let request = Request {
            override_reason: Some(reason),
            ..request(&doctor, Action::SearchRecord, Some(Purpose::Btg))
        };
        permitted(decide(&request, &facts(), NOW));
    }
}

#[test]
fn breaking_the_glass_opens_relation_and_consent_and_is_flagged() {
    let blocked = with_consents(&[block(What::all(), Who::All)]);
    let scope = permitted(search(&physician(PSYCHIATRY), Purpose::Btg, &blocked));
    assert!(scope.is_override());
    assert!(scope.grounds().iter().any(|g| g.rule == Rule::BreakGlass));
    assert_eq!(scope.admits(&appointment()), Verdict::VisibleByOverride);
    // Without a relation everything is opened by the override, without blocks too.
    let unrelated = Facts {
        relations: Vec::new(),
        ..facts()
    };
    let seen =
        |facts: &Facts, entry: &EntryFacts| verdict(&nurse(WARD), Purpose::Btg, facts, entry);
    assert_eq!(
        seen(&unrelated, &appointment()),
        Some(Verdict::VisibleByOverride)
    );
    // So is what the role sees with the glass broken only.
    let restricted = EntryFacts {
        confidentiality: "R".to_owned(),
        ..appointment()
    };
    assert_eq!(
        seen(&facts(), &restricted),
        Some(Verdict::VisibleByOverride)
    );
    // What ordinary treatment shows is not flagged.
    let scope = permitted(search(&physician(WARD), Purpose::Btg, &facts()));
    assert_eq!(scope.admits(&appointment()), Verdict::Visible);
    let part = with_consents(&[block(from_place(CARDIOLOGY, false), Who::All)]);
    let scope = permitted(search(&physician(WARD), Purpose::Btg, &part));
    assert_eq!(scope.admits(&appointment()), Verdict::VisibleByOverride);
}

#[test]
fn breaking_the_glass_never_opens_what_no_role_allows() {
    let facts = Facts {
        relations: vec![relation(MUNICIPALITY)],
        ..facts()
    };
    let assistant = at(professional(
        "socialogsundhedsassistent",
        "7SA3B",
        HOME_NURSING,
    ));
    assert_eq!(
        denied(search(&assistant, Purpose::Btg, &facts)),
        DenialReason::NoRole
    );
    let list = entry(1, "11450-4", Some(PRACTICE));
    assert_eq!(
        verdict(&nurse(HOME_NURSING), Purpose::Btg, &facts, &list),
        Some(Verdict::Withheld(WithheldReason::Role))
    );
}

/// Asks without a reason.
fn go_on(party: &Party, facts: &Facts) -> Decision {
    let request = Request {
        override_reason: None,
        override_ground: None,
        ..request(party, Action::SearchRecord, Some(Purpose::Btg))
    };
    decide(&request, facts, NOW)
}

fn after(openings: &[Opening]) -> Facts {
    Facts {
        relations: Vec::new(),
        openings: openings.to_vec(),
        ..facts()
    }
}

#[test]
fn a_new_reason_needs_a_ground_and_begins_a_new_opening() {
    let doctor = physician(WARD);
    let ask = |ground| {
        let request = Request {
            override_ground: ground,
            ..request(&doctor, Action::SearchRecord, Some(Purpose::Btg))
        };
        let open = after(&[opening(WARD, OverrideGround::EssentialConsideration)]);
        decide(&request, &open, NOW)
    };
    assert_eq!(denied(ask(None)), DenialReason::OverrideGroundMissing);
    let ground = OverrideGround::EssentialConsideration;
    let scope = permitted(ask(Some(ground)));
    let opening = None;
    assert_eq!(scope.glass(), Some(GlassUse { ground, opening }));
    let treating = permitted(search(&doctor, Purpose::Treat, &facts()));
    assert_eq!(treating.glass(), None);
}

#[test]
fn a_glass_that_is_still_broken_needs_no_new_reason() {
    let broken = opening(WARD, OverrideGround::EssentialConsideration);
    let scope = permitted(go_on(
        &physician(WARD),
        &after(std::slice::from_ref(&broken)),
    ));
    let used = GlassUse {
        ground: broken.ground,
        opening: Some(broken.id),
    };
    assert_eq!(scope.glass(), Some(used));
    let id = broken.id.to_string();
    let cited = |g: &Ground| g.rule == Rule::Opening && g.reference == id;
    assert!(scope.grounds().iter().any(cited));
    assert_eq!(scope.admits(&appointment()), Verdict::VisibleByOverride);
    let wrong = [
        Opening {
            until: NOW,
            ..broken.clone()
        },
        Opening {
            from: NOW + 1,
            ..broken.clone()
        },
        Opening {
            patient: key(2),
            ..broken.clone()
        },
        Opening {
            person: auth("9XXXX"),
            ..broken.clone()
        },
        opening(CARDIOLOGY, broken.ground),
    ];
    for opening in wrong {
        let reason = denied(go_on(&physician(WARD), &after(&[opening])));
        assert_eq!(reason, DenialReason::OverrideReasonMissing);
    }
    // A reason that is given must be one, whatever is open.
    let doctor = physician(WARD);
    let short = Request {
        override_reason: Some("hastende"),
        ..request(&doctor, Action::SearchRecord, Some(Purpose::Btg))
    };
    let reason = denied(decide(&short, &after(std::slice::from_ref(&broken)), NOW));
    assert_eq!(reason, DenialReason::OverrideReasonMissing);
    let blank = Request {
        override_reason: Some("  "),
        ..short
    };
    permitted(decide(&blank, &after(&[broken]), NOW));
}

#[test]
fn of_two_open_glasses_the_wider_counts() {
    let wide = opening(WARD, OverrideGround::EssentialConsideration);
    let narrow = Opening {
        id: id(0xd9),
        until: wide.until + HOUR,
        ..opening(WARD, OverrideGround::CitizenLiftsBlock)
    };
    for openings in [[wide.clone(), narrow.clone()], [narrow, wide.clone()]] {
        let scope = permitted(go_on(&physician(WARD), &after(&openings)));
        assert_eq!(scope.glass().unwrap().opening, Some(wide.id));
    }
}

#[test]
fn a_block_that_the_citizen_lifts_still_needs_a_relation() {
    let lift = |party: &Party, facts: &Facts| {
        let request = Request {
            override_ground: Some(OverrideGround::CitizenLiftsBlock),
            ..request(party, Action::SearchRecord, Some(Purpose::Btg))
        };
        decide(&request, facts, NOW)
    };
    let reason = denied(lift(&physician(WARD), &after(&[])));
    assert_eq!(reason, DenialReason::NoRelation);
    let lifted = opening(WARD, OverrideGround::CitizenLiftsBlock);
    let reason = denied(go_on(&physician(WARD), &after(&[lifted])));
    assert_eq!(reason, DenialReason::NoRelation);
    let blocked = with_consents(&[block(What::all(), Who::All)]);
    let scope = permitted(lift(&physician(WARD), &blocked));
    assert_eq!(scope.admits(&appointment()), Verdict::VisibleByOverride);
    let named = |g: &Ground| g.reference == OverrideGround::CitizenLiftsBlock.as_str();
    assert!(scope.grounds().iter().any(named));
}

#[test]
fn a_block_that_the_citizen_lifts_opens_no_more_than_treatment() {
    // A nurse sees restricted documents with the glass broken, and not for treatment.
    let restricted = EntryFacts {
        confidentiality: "R".to_owned(),
        ..appointment()
    };
    let nurse = nurse(WARD);
    let see = |ground| {
        let request = Request {
            override_ground: Some(ground),
            ..request(&nurse, Action::SearchRecord, Some(Purpose::Btg))
        };
        let scope = permitted(decide(&request, &facts(), NOW));
        let explained = scope.explain(&restricted);
        assert!(!explained.grounds.is_empty());
        explained.verdict
    };
    assert_eq!(
        see(OverrideGround::EssentialConsideration),
        Verdict::VisibleByOverride
    );
    assert_eq!(
        see(OverrideGround::CitizenLiftsBlock),
        Verdict::Withheld(WithheldReason::Role)
    );
}

#[test]
fn only_an_authorised_professional_breaks_the_glass_and_in_person() {
    // Even where an operator's own policies would let anybody.
    let all = r#"@id("all") permit(principal, action in Delt::Action::"ReadRecord", resource);"#;
    let schema = include_str!("../../../../deploy/policy/delt.cedarschema");
    let free = RolePolicy::from_sources(schema, &[("all.cedar", all)]).unwrap();
    let facts = Facts {
        roles: std::sync::Arc::new(free),
        delegations: vec![delegation(WARD)],
        ..facts()
    };
    permitted(search(&physician(WARD), Purpose::Btg, &facts));
    let mut secretary = helper(WARD);
    let reason = denied(search(&secretary, Purpose::Btg, &facts));
    assert_eq!(reason, DenialReason::DelegationMissing);
    secretary.responsible = None;
    let reason = denied(search(&secretary, Purpose::Btg, &facts));
    assert_eq!(reason, DenialReason::NoRole);
}
