//! Who takes part, in sentences: the citizen and who acts for them, helpers, organisations. And the name of each rule.

use super::access::Sentence;
use crate::Rule;

/// The sentences, by rule.
pub(super) const PARTIES: &[Sentence] = &[
    (
        Rule::OwnRecord,
        "the citizen's own record",
        "Det er borgerens egne oplysninger.",
        "It is the citizen's own record.",
    ),
    (
        Rule::OwnRecord,
        "the number asked for is not the citizen's own",
        "Nummeret, der spørges om, er ikke borgerens eget.",
        "The number asked for is not the citizen's own.",
    ),
    (
        Rule::Age,
        "the citizen is too young to decide alone about the own record",
        "Borgeren er under {ref} år og bestemmer endnu ikke selv over oplysningerne (sundhedsloven § 17).",
        "The citizen is younger than {ref} and does not yet decide alone about the record (Sundhedsloven § 17).",
    ),
    (
        Rule::Delegation,
        "a registered right to act",
        "Der er en registreret ret til at handle for borgeren ({kind}).",
        "There is a registered right to act for the citizen ({kind}).",
    ),
    (
        Rule::Delegation,
        "no registered right to act for the citizen covers this",
        "Ingen registreret ret til at handle for borgeren dækker dette.",
        "No registered right to act for the citizen covers this.",
    ),
    (
        Rule::Delegation,
        "only a citizen can act for another citizen",
        "Kun en borger kan handle for en anden borger.",
        "Only a citizen can act for another citizen.",
    ),
    (
        Rule::Delegation,
        "the number asked for is not that of the citizen who is acted for",
        "Nummeret, der spørges om, er ikke den borgers, der handles for.",
        "The number asked for is not that of the citizen who is acted for.",
    ),
    (
        Rule::Delegation,
        "the right to act for the citizen does not cover documents of this type",
        "Retten til at handle for borgeren dækker ikke dokumenter af denne type.",
        "The right to act for the citizen does not cover documents of this type.",
    ),
    (
        Rule::Helper,
        "a helper",
        "En medhjælper handler under en ansvarlig fagperson ({ref}).",
        "A helper acts under a responsible professional ({ref}).",
    ),
    (
        Rule::Helper,
        "the responsible one is not an authorised professional at the helper's place of treatment",
        "Den ansvarlige er ikke en autoriseret sundhedsperson på medhjælperens behandlingssted.",
        "The responsible one is not an authorised professional at the helper's place of treatment.",
    ),
    (
        Rule::Helper,
        "the issuer of the token vouches for the helper's delegation",
        "Udstederen af adgangsbilletten står inde for bemyndigelsen.",
        "The issuer of the access token vouches for the delegation.",
    ),
    (
        Rule::Helper,
        "a registered delegation lets the helper do this here",
        "En registreret bemyndigelse lader medhjælperen gøre det her.",
        "A registered delegation lets the helper do this here.",
    ),
    (
        Rule::Helper,
        "no registered delegation lets the helper do this here",
        "Ingen registreret bemyndigelse lader medhjælperen gøre det her.",
        "No registered delegation lets the helper do this here.",
    ),
    (
        Rule::Helper,
        "this cannot be delegated to a helper",
        "Det kan ikke overlades til en medhjælper.",
        "This cannot be delegated to a helper.",
    ),
    (
        Rule::Organisation,
        "the place where the caller works",
        "Den, der slår op, arbejder på {ref}.",
        "The caller works at {ref}.",
    ),
    (
        Rule::Organisation,
        "a professional must say where they work",
        "Det er ikke oplyst, hvor den, der slår op, arbejder.",
        "It is not said where the caller works.",
    ),
    (
        Rule::Organisation,
        "the caller's organisation does not use this system",
        "{ref} bruger ikke dette system.",
        "{ref} does not use this system.",
    ),
    (
        Rule::Organisation,
        "the system is registered for the organisation or a parent of it",
        "Systemet er registreret for {ref} eller en overordnet enhed.",
        "The system is registered for {ref} or a parent of it.",
    ),
    (
        Rule::Organisation,
        "the system is not registered for the organisation",
        "Systemet er ikke registreret for {ref}.",
        "The system is not registered for {ref}.",
    ),
    (
        Rule::Organisation,
        "the request does not name the organisation that it is for",
        "Det er ikke oplyst, hvilken organisation det gælder.",
        "The request does not name the organisation that it is for.",
    ),
    (
        Rule::OwnSource,
        "the source registered the entry itself",
        "Kilden har selv registreret oplysningen.",
        "The source registered the entry itself.",
    ),
    (
        Rule::Patient,
        "the request must be about exactly one patient",
        "Det skal handle om netop én patient.",
        "The request must be about exactly one patient.",
    ),
    (
        Rule::Patient,
        "the entry is not what this request is about",
        "Oplysningen er ikke det, der spørges om.",
        "The entry is not what this request is about.",
    ),
];

/// What each rule is called in Danish and in English.
pub(super) const NAMES: &[(Rule, &str, &str)] = &[
    (Rule::Role, "en rolleregel", "a role policy"),
    (
        Rule::PolicyVersion,
        "versionen af rollereglerne",
        "the version of the role policies",
    ),
    (Rule::Purpose, "formålet", "the purpose of use"),
    (
        Rule::Relation,
        "en behandlingsrelation",
        "a treatment relation",
    ),
    (
        Rule::Attestation,
        "fagpersonens eget ord om behandling",
        "the professional's own word of treatment",
    ),
    (
        Rule::PastRelation,
        "en afsluttet behandlingsrelation",
        "a treatment relation that has ended",
    ),
    (
        Rule::QualityPermission,
        "ledelsens tilladelse til kvalitetsarbejde",
        "the management's permission for quality work",
    ),
    (Rule::ConsentBlock, "en spærring", "a block"),
    (Rule::ConsentPermit, "et positivt samtykke", "a permit"),
    (Rule::BreakGlass, "værdispring", "break-glass"),
    (
        Rule::OverrideGround,
        "grunden til værdispring",
        "the ground for break-glass",
    ),
    (
        Rule::Opening,
        "et værdispring, der stadig gælder",
        "a glass that is still broken",
    ),
    (
        Rule::OwnRecord,
        "borgerens egne oplysninger",
        "the citizen's own record",
    ),
    (Rule::Age, "borgerens alder", "the citizen's age"),
    (
        Rule::Delegation,
        "retten til at handle for en anden",
        "the right to act for another",
    ),
    (Rule::Helper, "medhjælp", "a helper"),
    (Rule::Organisation, "stedet", "the organisation"),
    (
        Rule::OwnSource,
        "kildens egne oplysninger",
        "the source's own entries",
    ),
    (Rule::Patient, "hvem det handler om", "whom it is about"),
];
