//! Access tokens and client certificates: whoever cannot be recognised learns nothing, and the attempt is in the log.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use delt_client::proto::audit::v1::EntryFilter;
use delt_client::proto::record::v1::SearchRecordResponse;
use delt_client::proto::record::v1::patient_record_service_client::PatientRecordServiceClient;
use delt_client::{ClientError, Connection, Settings};
use delt_ledger::Outcome;
use delt_server::profile::{Holder, Profile};
use delt_tests::calls::{everything, refusal};
use delt_tests::entries::{LONNI, cpr};
use delt_tests::hub::{TestHub, random_uuid, sample};
use delt_tests::on_both;
use delt_tests::samples::{
    EHR, entries, forged, good, lonni_at_the_hospital, of, purpose, search, search_for,
    signed_with_secret,
};
use serde_json::{Value, json};
use tonic::Code;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};
use tonic_types::StatusExt as _;

/// Looks into Lonni's record with this token.
async fn look(hub: &TestHub, token: String) -> Result<usize, ClientError> {
    let caller = hub.connect(hub.running.api, EHR, Some(token)).await;
    search(&caller, LONNI)
        .await
        .map(|view| view.documents.len())
}

/// The token is refused for this reason, and the hospital's system has one more denied entry that says so.
async fn refused(hub: &TestHub, token: String, reason: &str) {
    let denied = || EntryFilter {
        outcome: "denied".to_owned(),
        system_id: EHR.to_owned(),
        ..of("SearchRecord")
    };
    let before = entries(hub, denied()).await.len();
    let answer = look(hub, token).await;
    assert_eq!(refusal(&answer), (Code::Unauthenticated, reason));
    let after = entries(hub, denied()).await;
    assert_eq!(after.len(), before + 1, "{reason}");
    let entry = &after[0];
    assert_eq!(
        (entry.outcome, entry.error_code.as_deref()),
        (Outcome::Denied, Some(reason))
    );
    assert!(entry.disclosed.is_empty() && entry.actor.person.is_none());
}

on_both! {
    async fn a_token_that_is_not_for_this_hub_is_refused(backend) {
        let hub = TestHub::start(backend).await;
        let (all, _) = lonni_at_the_hospital(&hub).await;
        let good = look(&hub, forged(&hub, |_| {})).await;
        assert_eq!(good.expect("the unchanged token is good"), all as usize);
        let wrong: [(&str, Value); 5] = [
            ("aud", json!("https://another-hub.test")),
            ("aud", json!(["https://another-hub.test"])),
            ("iss", json!("https://sts.another.test")),
            ("client_id", json!("gp-testby")),
            ("scope", Value::Null),
        ];
        for (claim, value) in wrong {
            refused(&hub, forged(&hub, |claims| claims[claim] = value), "TOKEN_INVALID").await;
        }
    }

    async fn a_token_that_its_issuer_did_not_sign_is_refused(backend) {
        let hub = TestHub::start(backend).await;
        let public = std::fs::read(hub.profile.data_dir().join("jwks.json")).unwrap();
        refused(&hub, signed_with_secret(&hub, &public), "TOKEN_INVALID").await;
        refused(&hub, signed_with_secret(&hub, b"secret"), "TOKEN_INVALID").await;
        for algorithm in ["none", "None", "HS256"] {
            refused(&hub, unsigned(&hub, algorithm), "TOKEN_INVALID").await;
        }
        let token = forged(&hub, |_| {});
        let (rest, _) = token.rsplit_once('.').unwrap();
        refused(&hub, format!("{rest}."), "TOKEN_INVALID").await;
        refused(&hub, foreign_signature(&hub), "TOKEN_INVALID").await;
    }

    async fn a_token_counts_only_in_its_time(backend) {
        let hub = TestHub::start(backend).await;
        let moved = |seconds: i64| forged(&hub, |claims| {
            for claim in ["iat", "exp"] {
                claims[claim] = json!(claims[claim].as_i64().unwrap() + seconds);
            }
        });
        refused(&hub, moved(-7_200), "TOKEN_EXPIRED").await;
        refused(&hub, moved(7_200), "TOKEN_EXPIRED").await;
        let long = forged(&hub, |claims| {
            claims["exp"] = json!(claims["iat"].as_i64().unwrap() + 3_601);
        });
        refused(&hub, long, "TOKEN_INVALID").await;
        let not_yet = forged(&hub, |claims| {
            claims["nbf"] = json!(claims["iat"].as_i64().unwrap() + 600);
        });
        refused(&hub, not_yet, "TOKEN_EXPIRED").await;
    }

    async fn a_stolen_token_is_of_no_use_with_another_certificate(backend) {
        let hub = TestHub::start(backend).await;
        let unbound = forged(&hub, |claims| {
            claims.as_object_mut().unwrap().remove("cnf");
        });
        refused(&hub, unbound, "TOKEN_NOT_BOUND").await;
        let other = hub.certificate("gp-testby").thumbprint();
        refused(&hub, forged(&hub, |claims| claims["cnf"]["x5t#S256"] = json!(other)), "TOKEN_NOT_BOUND").await;
        let garbled = forged(&hub, |claims| claims["cnf"]["x5t#S256"] = json!("not base64!"));
        refused(&hub, garbled, "TOKEN_NOT_BOUND").await;

        let stolen = hub.token(&Holder::Professional(sample("kard")), EHR, &[]);
        let thief = hub.connect(hub.running.api, "gp-testby", Some(stolen)).await;
        let answer = search(&thief, LONNI).await;
        assert_eq!(refusal(&answer), (Code::Unauthenticated, "TOKEN_NOT_BOUND"));
    }

    async fn what_is_no_token_is_refused(backend) {
        let hub = TestHub::start(backend).await;
        for garbage in ["x", "a.b.c", "..", "e30.e30.e30", &"A".repeat(300)] {
            refused(&hub, garbage.to_owned(), "TOKEN_INVALID").await;
        }
        let oversized = forged(&hub, |claims| claims["padding"] = json!("x".repeat(7_000)));
        assert!(oversized.len() > 8 * 1024);
        refused(&hub, oversized, "TOKEN_INVALID").await;
    }

    async fn a_token_without_its_person_is_refused(backend) {
        let hub = TestHub::start(backend).await;
        let claims = ["subject_role", "national_provider_identifier", "subject_organization_id", "purpose_of_use"];
        for claim in claims {
            let without = forged(&hub, |claims| {
                let iua = &mut claims["extensions"]["ihe_iua"];
                iua.as_object_mut().unwrap().remove(claim);
            });
            refused(&hub, without, "TOKEN_INVALID").await;
        }
    }

    async fn a_caller_with_several_purposes_must_pick_one_of_them(backend) {
        let hub = TestHub::start(backend).await;
        let (all, _) = lonni_at_the_hospital(&hub).await;
        let doctor = hub.professional_for("kard", EHR, &["TREAT", "BTG"]).await;
        let chosen = (Code::InvalidArgument, "PURPOSE_NOT_CHOSEN");
        assert_eq!(refusal(&search(&doctor, LONNI).await), chosen);
        let other = search_for(&doctor, LONNI, Some(purpose("HQUALIMP", ""))).await;
        assert_eq!(refusal(&other), chosen);
        let picked = search_for(&doctor, LONNI, Some(purpose("TREAT", ""))).await;
        assert_eq!(picked.unwrap().total, all);
        let log = entries(&hub, EntryFilter { outcome: "failed".to_owned(), ..of("SearchRecord") }).await;
        assert_eq!(log.len(), 2);
    }

    async fn a_professional_works_only_in_a_system_of_the_own_organisation(backend) {
        let hub = TestHub::start(backend).await;
        let elsewhere = hub.professional("kard", "gp-testby").await;
        let answer = search(&elsewhere, LONNI).await;
        assert_eq!(refusal(&answer), (Code::PermissionDenied, "FOREIGN_ORGANISATION"));
    }

    async fn a_certificate_of_no_system_opens_nothing(backend) {
        let hub = TestHub::start(backend).await;
        lonni_at_the_hospital(&hub).await;
        // Issued by the authority that the hub trusts, but to no system that calls: the hub's own.
        let folder = hub.profile.data_dir();
        let settings = hub.settings(hub.running.api, EHR);
        let tls = &hub.config().tls;
        let settings = Settings {
            certificate_pem: std::fs::read(&tls.certificate_file).unwrap(),
            key_pem: std::fs::read(&tls.key_file).unwrap(),
            ..settings
        };
        assert!(tls.key_file.starts_with(folder));
        let unknown = Connection::connect(settings).await.expect("the handshake succeeds");
        let answer = search(&unknown, LONNI).await;
        assert_eq!(refusal(&answer), (Code::Unauthenticated, "CERTIFICATE_UNKNOWN"));
    }

    async fn a_certificate_of_another_authority_gets_no_connection(backend) {
        let hub = TestHub::start(backend).await;
        let folder = tempfile::tempdir().unwrap();
        let entropy = delt_hub::entropy::SystemEntropy::default();
        let stranger =
            Profile::open_or_create(&folder.path().join("data"), delt_tests::hub::now(), &entropy).unwrap();
        let files = stranger.system(EHR).unwrap();
        let settings = Settings {
            certificate_pem: std::fs::read(files.certificate).unwrap(),
            key_pem: std::fs::read(files.key).unwrap(),
            session: random_uuid(),
            ..hub.settings(hub.running.api, EHR)
        };
        let answer = match Connection::connect(settings).await {
            Ok(connection) => search(&connection, LONNI).await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert!(matches!(answer, Err(ClientError::Unreachable(_))), "{answer:?}");
    }

    async fn without_a_certificate_nothing_is_answered(backend) {
        let hub = TestHub::start(backend).await;
        let (_, _) = lonni_at_the_hospital(&hub).await;
        let token = forged(&hub, |_| {});
        let status = anonymous(&hub, &token).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
        let details = status.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "CERTIFICATE_UNKNOWN");
    }
}

/// A good token's claims under a header that says that nobody needs to sign.
fn unsigned(hub: &TestHub, algorithm: &str) -> String {
    let (_, claims) = good(hub, |_| {});
    let header = json!({ "alg": algorithm, "typ": "at+jwt" });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&header), part(&claims))
}

/// A token that another issuer signed, with its own key under the trusted issuer's name.
fn foreign_signature(hub: &TestHub) -> String {
    let (header, claims) = good(hub, |_| {});
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let key = jsonwebtoken::EncodingKey::from_ec_der(pair.serialized_der());
    jsonwebtoken::encode(&header, &claims, &key).unwrap()
}

/// A search over TLS without a client certificate.
async fn anonymous(hub: &TestHub, token: &str) -> Result<SearchRecordResponse, tonic::Status> {
    let ca = std::fs::read(hub.profile.ca_file()).unwrap();
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca));
    let address = format!("https://{}", hub.running.api);
    let endpoint = Endpoint::from_shared(address)
        .unwrap()
        .tls_config(tls)
        .unwrap();
    let mut stub = PatientRecordServiceClient::new(endpoint.connect().await.unwrap());
    let mut request = tonic::Request::new(everything(cpr(LONNI)));
    request
        .metadata_mut()
        .insert("authorization", format!("Bearer {token}").parse().unwrap());
    stub.search_record(request)
        .await
        .map(tonic::Response::into_inner)
}
