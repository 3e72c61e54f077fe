//! The development profile, from an empty folder on.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use delt_hub::entropy::SystemEntropy;
use delt_hub::identity::RequestContext;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::tls::{ClientCertificate, pem};

const NOW: OffsetDateTime = datetime!(2026-11-23 08:00 UTC);

fn create(dir: &Path) -> Result<Profile, ProfileError> {
    Profile::open_or_create(dir, NOW, &SystemEntropy::default())
}

fn certificate(profile: &Profile, id: &str) -> ClientCertificate {
    let chain = pem::certificates(&profile.system(id).unwrap().certificate).unwrap();
    ClientCertificate::from_der(&chain[0]).unwrap()
}

#[test]
fn is_complete_valid_and_private() {
    let dir = tempfile::tempdir().unwrap();
    let profile = create(&dir.path().join("data")).unwrap();
    profile.config().validate().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(profile.data_dir()), 0o700);
    let mut folders = vec![profile.data_dir().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                assert_eq!(mode(&path), 0o700, "{}", path.display());
                folders.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                assert_ne!(path.extension().unwrap(), "new");
            }
        }
    }
}

#[test]
fn is_the_same_when_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let profile = create(dir.path()).unwrap();
    let files = [
        "ca.pem",
        "ca.key",
        "token.key",
        "jwks.json",
        "patient.key",
        "certificates/hub.pem",
    ];
    let read = || files.map(|name| std::fs::read(dir.path().join(name)).unwrap());
    let before = read();
    assert_eq!(create(dir.path()).unwrap(), profile);
    assert_eq!(Profile::open(dir.path()).unwrap(), profile);
    assert_eq!(read(), before);
}

#[test]
fn an_interrupted_start_is_completed() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path()).unwrap();
    for name in [
        "certificates/gp-testby.pem",
        "jwks.json",
        "log.key",
        "systems.json",
    ] {
        std::fs::remove_file(dir.path().join(name)).unwrap();
    }
    let key = std::fs::read(dir.path().join("certificates/gp-testby.key")).unwrap();
    let profile = create(dir.path()).unwrap();
    profile.config().validate().unwrap();
    assert_eq!(
        std::fs::read(dir.path().join("certificates/gp-testby.key")).unwrap(),
        key
    );
}

#[test]
fn what_cannot_be_made_again_is_refused() {
    for (missing, present) in [
        ("ca.key", "ca.pem"),
        ("ca.pem", "certificates/ejournal-hovedstaden.pem"),
        ("certificates/hub.key", "certificates/hub.pem"),
        ("patient.key", "delt.db"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path()).unwrap();
        std::fs::write(dir.path().join("delt.db"), "").unwrap();
        std::fs::remove_file(dir.path().join(missing)).unwrap();
        let error = create(dir.path()).unwrap_err().to_string();
        assert!(
            error.contains(missing) && error.contains(present),
            "{error}"
        );
    }
}

#[test]
fn a_damaged_key_is_refused_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path()).unwrap();
    std::fs::write(dir.path().join("encryption.key"), "abc").unwrap();
    assert!(matches!(
        create(dir.path()),
        Err(ProfileError::Damaged { .. })
    ));
    assert_eq!(
        std::fs::read(dir.path().join("encryption.key")).unwrap(),
        b"abc"
    );
}

#[test]
fn another_folder_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("thesis.txt"), "mine").unwrap();
    assert!(matches!(create(dir.path()), Err(ProfileError::Foreign(_))));
    assert!(matches!(
        Profile::open(dir.path()),
        Err(ProfileError::Absent(_))
    ));
}

#[test]
fn only_loopback() {
    let dir = tempfile::tempdir().unwrap();
    let profile = create(dir.path()).unwrap();
    let local: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let public: SocketAddr = "0.0.0.0:7443".parse().unwrap();
    assert!(profile.config_at(local, local).is_ok());
    assert!(matches!(
        profile.config_at(public, local),
        Err(ProfileError::NotLoopback(_))
    ));
    assert!(matches!(
        profile.config_at(local, public),
        Err(ProfileError::NotLoopback(_))
    ));
    let addresses = SourceAddresses::default().with("gp-testby", public);
    assert!(matches!(
        profile.write_systems(&addresses),
        Err(ProfileError::NotLoopback(_))
    ));
}

#[test]
fn the_directory_holds_together() {
    let dir = tempfile::tempdir().unwrap();
    let profile = create(dir.path()).unwrap();
    let moved = "127.0.0.1:4567".parse().unwrap();
    profile
        .write_systems(&SourceAddresses::default().with("gp-testby", moved))
        .unwrap();
    let config = profile.config().directory;
    let organisations = std::fs::read_to_string(config.organisations_file).unwrap();
    let systems = std::fs::read_to_string(config.systems_file).unwrap();
    assert!(systems.contains("grpc+tls://127.0.0.1:4567"));
    let directory = delt_hub::organisation::Directory::from_json(&organisations, &systems).unwrap();
    for system in SYSTEMS {
        let found = certificate(&profile, system.id);
        let by = directory
            .system_by_certificate(&found.sha256, &found.names)
            .unwrap();
        assert_eq!(by.id, system.id);
    }
}

#[test]
fn sources_are_those_of_the_fixtures() {
    let fixture: Value = serde_json::from_str(DIRECTORY).unwrap();
    let sources = fixture["sources"].as_array().unwrap();
    for system in SYSTEMS.iter().filter(|system| system.repository.is_some()) {
        let matching = sources.iter().find(|source| {
            source["repository_unique_id"] == system.repository.unwrap()
                && source["organisation"] == system.organisation
        });
        assert!(matching.is_some(), "{}", system.id);
    }
}

fn verify(profile: &Profile, token: &str) -> Value {
    let jwks = std::fs::read(profile.config().auth.issuers[0].jwks_file.clone()).unwrap();
    let jwks: jsonwebtoken::jwk::JwkSet = serde_json::from_slice(&jwks).unwrap();
    let header = decode_header(token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    let key = DecodingKey::from_jwk(jwks.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.validate_exp = false;
    decode::<Value>(token, &key, &validation).unwrap().claims
}

fn request<'a>(holder: &'a Holder, certificate: &'a ClientCertificate) -> TokenRequest<'a> {
    TokenRequest {
        holder,
        client_id: "ehr-hovedstaden",
        certificate,
        purposes: &[],
        issued_at: NOW,
        lifetime: Duration::from_mins(10),
        jti: "t-1",
    }
}

#[test]
fn a_token_is_signed_bound_and_short_lived() {
    let dir = tempfile::tempdir().unwrap();
    let profile = create(dir.path()).unwrap();
    let certificate = certificate(&profile, "ehr-hovedstaden");
    let holder = Holder::Professional(professional("kard").unwrap().unwrap());
    let mut request = request(&holder, &certificate);
    request.purposes = &["TREAT", "BTG"];
    let claims = verify(&profile, &profile.issue_token(&request).unwrap());
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        600
    );
    assert_eq!(claims["cnf"]["x5t#S256"], certificate.thumbprint());
    let iua = &claims["extensions"]["ihe_iua"];
    assert_eq!(iua["subject_role"][0]["code"], "laege");
    assert_eq!(
        iua["subject_organization_id"],
        "urn:oid:1.2.208.176.1.1|990031000016002"
    );
    assert_eq!(iua["purpose_of_use"].as_array().unwrap().len(), 2);
    request.lifetime = Duration::from_secs(3601);
    assert!(matches!(
        profile.issue_token(&request),
        Err(ProfileError::TokenLifetime)
    ));
}

/// What the hub makes of a token: the person's standing, or the code of the refusal.
fn recognised(profile: &Profile, system: &str, holder: &Holder) -> Result<bool, &'static str> {
    let config = profile.config();
    let (auth, directory) = (
        config.auth.authenticator().unwrap(),
        config.directory.open().unwrap(),
    );
    let certificate = certificate(profile, system);
    let request = TokenRequest {
        client_id: system,
        ..request(holder, &certificate)
    };
    let credentials = delt_hub::identity::Credentials {
        certificate: Some((&certificate).into()),
        bearer: Some(profile.issue_token(&request).unwrap()),
    };
    let now = (NOW.unix_timestamp() + 60) * delt_hub::clock::SECOND;
    let key_of = |_: &_| delt_policy::PatientKey::new([1; 32]);
    auth.authenticate(
        &credentials,
        &RequestContext::default(),
        &directory,
        &key_of,
        now,
    )
    .map(|_| true)
    .map_err(|error| error.code().name)
}

#[test]
fn the_hub_recognises_the_sample_people_in_their_systems() {
    let dir = tempfile::tempdir().unwrap();
    let profile = create(dir.path()).unwrap();
    for (system, key) in [
        ("ehr-hovedstaden", "kard"),
        ("ehr-hovedstaden", "sgpl"),
        ("ejournal-midtjylland", "psyk"),
        ("gp-testby", "gp"),
        ("gp-testby", "sekr"),
        ("kommune-testby", "hspl"),
        ("tilsyn", "auditor"),
        ("tilsyn", "dpo"),
    ] {
        let holder = Holder::Professional(professional(key).unwrap().unwrap());
        assert_eq!(
            recognised(&profile, system, &holder),
            Ok(true),
            "{system} {key}"
        );
    }
    let citizen = Holder::Citizen(person("0201609996").unwrap().unwrap());
    assert_eq!(recognised(&profile, "sundhedsportal", &citizen), Ok(true));
    let stranger = Holder::Professional(professional("psyk").unwrap().unwrap());
    assert_eq!(
        recognised(&profile, "ehr-hovedstaden", &stranger),
        Err("FOREIGN_ORGANISATION")
    );
}

#[test]
fn tokens_speak_of_citizens_helpers_and_auditors() {
    let dir = tempfile::tempdir().unwrap();
    let profile = create(dir.path()).unwrap();
    let certificate = certificate(&profile, "sundhedsportal");
    let claims = |holder| {
        verify(
            &profile,
            &profile
                .issue_token(&request(&holder, &certificate))
                .unwrap(),
        )
    };
    let someone = |key| professional(key).unwrap().unwrap();
    let lonni = person("0201609996").unwrap().unwrap();

    let citizen = claims(Holder::Citizen(lonni.clone()));
    assert_eq!(
        citizen["extensions"]["ihe_iua"]["person_id"],
        "urn:oid:1.2.208.176.1.2|0201609996"
    );
    assert_eq!(
        citizen["extensions"]["ihe_iua"]["purpose_of_use"][0]["code"],
        "PATRQT"
    );
    assert!(!citizen["sub"].as_str().unwrap().contains("0201609996"));

    let other = person("0201609995").unwrap().unwrap();
    let proxy = Holder::CitizenFor {
        acting: lonni,
        other,
        relation: "proxy".to_owned(),
    };
    assert_eq!(
        claims(proxy)["extensions"]["delt"]["on_behalf_of"]["relation"],
        "proxy"
    );

    let helper = Holder::Helper {
        acting: someone("sgpl"),
        responsible: someone("kard"),
    };
    let helper = claims(helper);
    let responsible = &helper["extensions"]["delt"]["on_behalf_of"]["national_provider_identifier"];
    assert_eq!(responsible, "9RK1H");

    let secretary = claims(Holder::Helper {
        acting: someone("sekr"),
        responsible: someone("gp"),
    });
    let own = &secretary["extensions"]["ihe_iua"];
    assert_eq!(own["person_id"], "urn:oid:1.2.208.176.1.2|0506889996");
    assert!(own.get("national_provider_identifier").is_none());

    let auditor = claims(Holder::Professional(someone("auditor")));
    let iua = &auditor["extensions"]["ihe_iua"];
    assert_eq!(iua["purpose_of_use"][0]["code"], "HSYSADMIN");
    assert!(iua.get("national_provider_identifier").is_none());
}
