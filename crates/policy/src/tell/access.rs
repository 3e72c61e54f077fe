//! What a decision weighs, in sentences: roles, purposes, relations, consents, the broken glass. Each is found by its
//! rule and by what a ground's detail says before any parenthesis.

use crate::Rule;

/// Rule, detail, Danish, English. `{ref}` is the ground's reference, `{kind}` what stands in the parenthesis.
pub(super) type Sentence = (Rule, &'static str, &'static str, &'static str);

/// The sentences, by rule.
pub(super) const ACCESS: &[Sentence] = &[
    (
        Rule::Role,
        "the role policy permits it",
        "Rollereglen »{ref}« tillader det.",
        "The role policy “{ref}” permits it.",
    ),
    (
        Rule::Role,
        "the role policy forbids it",
        "Rollereglen »{ref}« forbyder det.",
        "The role policy “{ref}” forbids it.",
    ),
    (
        Rule::Role,
        "no policy permits this to the role",
        "Ingen rolleregel tillader det for rollen.",
        "No role policy permits this to the role.",
    ),
    (
        Rule::Role,
        "the action is a person's, and no person is behind the system",
        "Kun en person kan gøre det, og der er ingen person bag systemet.",
        "Only a person can do this, and no person is behind the system.",
    ),
    (
        Rule::PolicyVersion,
        "the role policies in force",
        "De gældende rolleregler har version {ref}.",
        "The role policies in force have version {ref}.",
    ),
    (
        Rule::Purpose,
        "current treatment",
        "Formålet er aktuel behandling (sundhedsloven § 42 a, stk. 1).",
        "The purpose is current treatment (Sundhedsloven § 42 a, stk. 1).",
    ),
    (
        Rule::Purpose,
        "essential consideration for the patient",
        "Formålet er værdispring af væsentligt hensyn til patienten (sundhedsloven § 42 a, stk. 2).",
        "The purpose is break-glass for essential consideration of the patient (Sundhedsloven § 42 a, stk. 2).",
    ),
    (
        Rule::Purpose,
        "the citizen's own request",
        "Borgeren beder selv om det.",
        "The citizen asks for it.",
    ),
    (
        Rule::Purpose,
        "learning from one's own work",
        "Formålet er at lære af egen indsats (sundhedsloven § 42 d).",
        "The purpose is learning from one's own work (Sundhedsloven § 42 d).",
    ),
    (
        Rule::Purpose,
        "quality work",
        "Formålet er kvalitetsarbejde (sundhedsloven § 42 d).",
        "The purpose is quality work (Sundhedsloven § 42 d).",
    ),
    (
        Rule::Purpose,
        "running and supervising the hub",
        "Formålet er drift og tilsyn.",
        "The purpose is operation and supervision.",
    ),
    (
        Rule::Purpose,
        "the request has no purpose of use",
        "Der er ikke angivet noget formål.",
        "No purpose of use is given.",
    ),
    (
        Rule::Purpose,
        "this caller cannot have this purpose",
        "Den, der slår op, kan ikke have formålet {ref}.",
        "The caller cannot have the purpose {ref}.",
    ),
    (
        Rule::Relation,
        "a treatment relation",
        "Der er en behandlingsrelation ({kind}).",
        "There is a treatment relation ({kind}).",
    ),
    (
        Rule::Relation,
        "no active treatment relation connects the patient with the caller",
        "Der er ingen aktuel behandlingsrelation mellem patienten og den, der slår op.",
        "No active treatment relation connects the patient with the caller.",
    ),
    (
        Rule::Attestation,
        "a professional's own word that they treat the patient, to be confirmed",
        "En fagperson har selv oplyst at behandle patienten; det skal bekræftes bagefter.",
        "A professional has said that they treat the patient; a fact must confirm it afterwards.",
    ),
    (
        Rule::PastRelation,
        "a treatment relation that ended lately",
        "Der er en behandlingsrelation, som er afsluttet for nylig ({kind}).",
        "There is a treatment relation that ended lately ({kind}).",
    ),
    (
        Rule::PastRelation,
        "no treatment relation holds or ended recently enough for learning",
        "Ingen behandlingsrelation er aktuel eller afsluttet for så nylig, at den må bruges til læring.",
        "No treatment relation holds or ended recently enough for learning.",
    ),
    (
        Rule::QualityPermission,
        "the management's permission for quality work",
        "Ledelsen på stedet har givet tilladelse til kvalitetsarbejdet.",
        "The management of the place has permitted the quality work.",
    ),
    (
        Rule::QualityPermission,
        "no permission of the management lets the caller do quality work here",
        "Der er ingen tilladelse fra ledelsen til kvalitetsarbejde her.",
        "No permission of the management lets the caller do quality work here.",
    ),
    (
        Rule::QualityPermission,
        "the entry cannot be shown to be the place's own and young enough for quality work",
        "Det kan ikke ses, at oplysningen er stedets egen og ny nok til kvalitetsarbejde.",
        "The entry cannot be shown to be the place's own and young enough for quality work.",
    ),
    (
        Rule::ConsentBlock,
        "a block names the caller",
        "En af borgerens spærringer gælder den, der slår op.",
        "A block of the citizen names the caller.",
    ),
    (
        Rule::ConsentBlock,
        "a block of the citizen covers the entry",
        "En af borgerens spærringer dækker oplysningen.",
        "A block of the citizen covers the entry.",
    ),
    (
        Rule::ConsentPermit,
        "a permit names the caller",
        "Et af borgerens positive samtykker gælder den, der slår op.",
        "A permit of the citizen names the caller.",
    ),
    (
        Rule::ConsentPermit,
        "a permit of the citizen opens the entry in spite of a block",
        "Et af borgerens positive samtykker åbner oplysningen trods en spærring.",
        "A permit of the citizen opens the entry in spite of a block.",
    ),
    (
        Rule::BreakGlass,
        "the glass is broken with a written reason",
        "Der er foretaget værdispring med en skriftlig begrundelse.",
        "The glass is broken with a written reason.",
    ),
    (
        Rule::BreakGlass,
        "opened by break-glass",
        "Oplysningen er åbnet ved værdispring.",
        "The entry is opened by break-glass.",
    ),
    (
        Rule::BreakGlass,
        "no treatment relation is registered; opened by break-glass",
        "Der er ikke registreret nogen behandlingsrelation; adgangen er åbnet ved værdispring.",
        "No treatment relation is registered; access is opened by break-glass.",
    ),
    (
        Rule::BreakGlass,
        "breaking the glass needs a reason of 10 to 500 characters",
        "Værdispring kræver en begrundelse på 10 til 500 tegn.",
        "Break-glass needs a reason of 10 to 500 characters.",
    ),
    (
        Rule::BreakGlass,
        "breaking the glass needs one of the two lawful grounds",
        "Værdispring kræver en af de to lovlige grunde.",
        "Break-glass needs one of the two lawful grounds.",
    ),
    (
        Rule::BreakGlass,
        "only an authorised professional can break the glass, in person",
        "Kun en autoriseret sundhedsperson kan foretage værdispring, og kun personligt.",
        "Only an authorised professional can break the glass, in person.",
    ),
    (
        Rule::OverrideGround,
        "the citizen lifts the block for this treatment",
        "Borgeren ophæver spærringen for denne behandling.",
        "The citizen lifts the block for this treatment.",
    ),
    (
        Rule::OverrideGround,
        "essential consideration for the patient, who cannot be asked",
        "Det sker af væsentligt hensyn til patienten, som ikke kan spørges (sundhedsloven § 42 a, stk. 2).",
        "It is for essential consideration of the patient, who cannot be asked (Sundhedsloven § 42 a, stk. 2).",
    ),
    (
        Rule::OverrideGround,
        "a block that the citizen lifts opens no more than treatment does",
        "Når borgeren ophæver en spærring, åbnes ikke mere end til behandling.",
        "A block that the citizen lifts opens no more than treatment does.",
    ),
    (
        Rule::Opening,
        "the glass that the caller broke with a written reason is still open",
        "Et tidligere værdispring med skriftlig begrundelse gælder stadig.",
        "The glass that the caller broke before with a written reason is still open.",
    ),
];
