//! A small world: two issuers with fresh keys, a handful of systems, and a token that is right until a test spoils it.

use crate::error::{Code, Result};
use crate::identity::{
    Algorithm, AuthSettings, Authenticator, Caller, ClientCertificate, Credentials, Issuer, JwkSet,
    RequestContext,
};
use crate::organisation::Directory;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaEncoding,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use delt_formats::identifier::PersonNumber;
use delt_policy::PatientKey;
use serde_json::{Value, json};

pub(super) const ISSUER: &str = "https://sts.example.dk";
pub(super) const AUDIENCE: &str = "https://delt.example.dk";
/// Seconds and microseconds of the same moment.
pub(super) const NOW_S: i64 = 1_800_000_000;
pub(super) const NOW: i64 = NOW_S * 1_000_000;
pub(super) const LAEGE: &str = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-PractitionerRolesAutorisationsregistret";
pub(super) const HOSPITAL: &str = "urn:oid:1.2.208.176.1.1|990021000016004";
/// An official test person.
pub(super) const LONNI: &str = "urn:oid:1.2.208.176.1.2|0201609996";
pub(super) const EINER: &str = "urn:oid:1.2.208.176.1.2|0201609995";

pub(super) enum Signer {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(Box<signature::RsaKeyPair>, &'static dyn RsaEncoding),
}

impl Signer {
    pub(super) fn ec() -> Self {
        Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(super) fn ed() -> Self {
        Self::Ed(Ed25519KeyPair::generate().unwrap())
    }

    pub(super) fn rsa(encoding: &'static dyn RsaEncoding) -> Self {
        let key: signature::RsaKeyPair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        Self::Rsa(Box::new(key), encoding)
    }

    pub(super) fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Ec(key) => {
                let point = key.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": b64(&point[1..33]), "y": b64(&point[33..])})
            }
            Self::Ed(key) => {
                json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": b64(key.public_key().as_ref())})
            }
            Self::Rsa(key, _) => {
                let public = key.public_key();
                let n = public.modulus().big_endian_without_leading_zero();
                let e = public.exponent().big_endian_without_leading_zero();
                json!({"kty": "RSA", "kid": kid, "n": b64(n), "e": b64(e)})
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Ec(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed(key) => key.sign(message).as_ref().to_vec(),
            Self::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }
}

pub(super) struct World {
    pub(super) authenticator: Authenticator,
    pub(super) directory: Directory,
    pub(super) ec: Signer,
    pub(super) ed: Signer,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut AuthSettings)) -> Self {
        let (ec, ed) = (Signer::ec(), Signer::ed());
        let mut settings = AuthSettings {
            issuers: vec![
                issuer(
                    ISSUER,
                    &[Algorithm::ES256, Algorithm::EdDSA],
                    &[&ec.jwk("ec"), &ed.jwk("ed")],
                ),
                issuer(
                    "https://other.example.dk",
                    &[Algorithm::EdDSA],
                    &[&ed.jwk("ed")],
                ),
            ],
            ..AuthSettings::default()
        };
        change(&mut settings);
        Self {
            authenticator: Authenticator::new(settings).unwrap(),
            directory: directory(),
            ec,
            ed,
        }
    }

    /// Signs with the EC key, as a regular token.
    pub(super) fn token(&self, claims: &Value) -> String {
        sign(
            &self.ec,
            &json!({"alg": "ES256", "typ": "at+jwt", "kid": "ec"}),
            claims,
        )
    }

    pub(super) fn call(&self, claims: &Value) -> Result<Caller> {
        self.present(&self.token(claims))
    }

    pub(super) fn present(&self, token: &str) -> Result<Caller> {
        self.ask("ejournal", Some(token), &RequestContext::default(), NOW)
    }

    pub(super) fn at(&self, token: &str, now_s: i64) -> Result<Caller> {
        self.ask(
            "ejournal",
            Some(token),
            &RequestContext::default(),
            now_s * 1_000_000,
        )
    }

    pub(super) fn pick(&self, claims: &Value, purpose: &str) -> Result<Caller> {
        let context = RequestContext {
            purpose: Some(purpose.to_owned()),
            ..RequestContext::default()
        };
        self.ask("ejournal", Some(&self.token(claims)), &context, NOW)
    }

    pub(super) fn ask(
        &self,
        system: &str,
        token: Option<&str>,
        context: &RequestContext,
        now: i64,
    ) -> Result<Caller> {
        let credentials = Credentials {
            certificate: Some(certificate(system)),
            bearer: token.map(str::to_owned),
        };
        self.authenticator
            .authenticate(&credentials, context, &self.directory, &key_of, now)
    }

    /// The code that these claims are refused with.
    pub(super) fn refusal(&self, claims: &Value) -> Code {
        self.call(claims).unwrap_err().code()
    }
}

/// A stand-in for the keyed hash: different numbers, different keys.
pub(super) fn key_of(number: &PersonNumber) -> PatientKey {
    let mut bytes = [0; 32];
    bytes[..10].copy_from_slice(number.value().as_bytes());
    PatientKey::new(bytes)
}

pub(super) fn issuer(name: &str, algorithms: &[Algorithm], keys: &[&Value]) -> Issuer {
    Issuer {
        issuer: name.to_owned(),
        audiences: vec![AUDIENCE.to_owned()],
        algorithms: algorithms.to_vec(),
        jwks: serde_json::from_value::<JwkSet>(json!({"keys": keys})).unwrap(),
    }
}

/// The thumbprint is made from the name, so that each system has its own.
pub(super) fn certificate(system: &str) -> ClientCertificate {
    let mut sha256 = [7; 32];
    sha256[0] = system.bytes().fold(0, u8::wrapping_add);
    ClientCertificate {
        sha256,
        names: vec![format!("{system}.example.dk")],
    }
}

pub(super) fn sign(signer: &Signer, header: &Value, claims: &Value) -> String {
    let message = format!(
        "{}.{}",
        b64(header.to_string().as_bytes()),
        b64(claims.to_string().as_bytes())
    );
    format!("{message}.{}", b64(&signer.sign(message.as_bytes())))
}

pub(super) fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A physician of the hospital, for current treatment, bound to the record system's certificate.
pub(super) fn physician() -> Value {
    json!({
        "iss": ISSUER, "sub": "8f2c", "client_id": "ejournal", "aud": AUDIENCE, "jti": "j-1",
        "iat": NOW_S - 10, "exp": NOW_S + 290, "scope": "user/DocumentReference.rs ITI-67 ITI-68",
        "cnf": {"x5t#S256": b64(&certificate("ejournal").sha256)},
        "extensions": {"ihe_iua": {
            "subject_name": "Lone Læge",
            "subject_organization": "Testhospital",
            "subject_organization_id": HOSPITAL,
            "subject_role": [{"system": LAEGE, "code": "laege", "display": "Læge"}],
            "purpose_of_use": [purpose("TREAT")],
            "national_provider_identifier": "9RK1H"
        }}
    })
}

pub(super) fn purpose(code: &str) -> Value {
    json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": code})
}

/// The physician's claims, with another role.
pub(super) fn with_role(system: &str, code: &str) -> Value {
    let mut claims = physician();
    claims["extensions"]["ihe_iua"]["subject_role"] = json!([{"system": system, "code": code}]);
    claims
}

/// A citizen behind the portal, for themself.
pub(super) fn citizen() -> Value {
    let mut claims = with_role("urn:delt:role", "citizen");
    let iua = &mut claims["extensions"]["ihe_iua"];
    iua["person_id"] = json!(LONNI);
    iua["purpose_of_use"] = json!([purpose("PATRQT")]);
    for gone in ["national_provider_identifier", "subject_organization_id"] {
        iua.as_object_mut().unwrap().remove(gone);
    }
    claims
}

fn directory() -> Directory {
    let organisations = json!([
        {"sor": "990011000016008", "name": "Region", "sector": "region", "kind": "region"},
        {"sor": "990021000016004", "parent": "990011000016008", "name": "Hospital", "sector": "region", "kind": "hospital"},
        {"sor": "990031000016002", "parent": "990021000016004", "name": "Afdeling", "kind": "department"},
        {"sor": "990401000016001", "name": "Lægerne", "sector": "general-practice", "kind": "gp-practice"},
    ]);
    let system = |id: &str, kinds: &[&str]| {
        json!({"id": id, "name": id, "organisation": "990011000016008", "kinds": kinds,
            "certificate_names": [format!("{id}.example.dk")], "organisations": ["990021000016004"]})
    };
    let systems = json!([
        system("ejournal", &["consumer"]),
        system("source", &["source"]),
        system("operations", &["operations"]),
        system("register", &["register"]),
    ]);
    Directory::from_json(&organisations.to_string(), &systems.to_string()).unwrap()
}
