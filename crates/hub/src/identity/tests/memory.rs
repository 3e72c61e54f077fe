//! What is remembered of a token, and for how long.

use super::support::{ISSUER, NOW, NOW_S, Signer, World, issuer, physician};
use crate::error::code;
use crate::identity::cache::TokenCache;
use crate::identity::claims::{Claims, RawClaims};
use crate::identity::{Algorithm, RequestContext};
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

fn claims_until(expires: i64) -> Arc<Claims> {
    let mut claims = physician();
    claims["exp"] = json!(expires);
    Arc::new(
        serde_json::from_value::<RawClaims>(claims)
            .unwrap()
            .require()
            .unwrap(),
    )
}

#[test]
fn a_remembered_token_is_never_used_at_or_after_its_expiry() {
    let cache = TokenCache::new(16);
    cache.insert("token", &claims_until(100), 50);
    assert!(cache.get("token", 99).is_some());
    for later in [100, 101, i64::MAX] {
        assert!(cache.get("token", later).is_none(), "{later}");
    }
    assert!(cache.get("other", 99).is_none());
    cache.insert("late", &claims_until(100), 100);
    assert!(cache.get("late", 99).is_none());
}

#[test]
fn a_remembered_token_is_refused_on_another_certificate() {
    let world = World::new();
    let token = world.token(&physician());
    world.present(&token).unwrap();
    let stolen = world.ask("source", Some(&token), &RequestContext::default(), NOW);
    assert_eq!(stolen.unwrap_err().code(), code::TOKEN_NOT_BOUND);
    world.present(&token).unwrap();
}

#[test]
fn a_remembered_token_expires_like_any_other() {
    let world = World::with(|settings| settings.clock_skew_s = 0);
    let token = world.token(&physician());
    world.at(&token, NOW_S + 289).unwrap();
    assert_eq!(
        world.at(&token, NOW_S + 290).unwrap_err().code(),
        code::TOKEN_EXPIRED
    );
    assert_eq!(
        world.at(&token, NOW_S - 11).unwrap_err().code(),
        code::TOKEN_EXPIRED
    );
}

#[test]
fn a_remembered_token_does_not_outlive_its_key() {
    let world = World::new();
    let token = world.token(&physician());
    world.present(&token).unwrap();
    let next = Signer::ec();
    let issuers = vec![issuer(ISSUER, &[Algorithm::ES256], &[&next.jwk("ec")])];
    world.authenticator.replace_issuers(issuers).unwrap();
    assert_eq!(
        world.present(&token).unwrap_err().code(),
        code::TOKEN_INVALID
    );
}

#[test]
fn unusable_issuers_leave_the_earlier_ones_in_place() {
    let world = World::new();
    assert!(
        world
            .authenticator
            .replace_issuers(vec![issuer(ISSUER, &[], &[])])
            .is_err()
    );
    world.call(&physician()).unwrap();
}

#[test]
fn without_room_nothing_is_remembered() {
    let cache = TokenCache::new(0);
    cache.insert("token", &claims_until(100), 50);
    assert!(cache.get("token", 60).is_none());
    World::with(|settings| settings.cached_tokens = 0)
        .call(&physician())
        .unwrap();
}

#[test]
fn the_same_token_is_remembered_once() {
    let cache = TokenCache::new(160);
    for _ in 0..50 {
        cache.insert("token", &claims_until(100), 50);
    }
    assert_eq!(cache.len(), 1);
    assert!(cache.get("token", 60).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes, the cache stays within its bound and nothing outlives its expiry.
    #[test]
    fn the_cache_is_bounded(inserts in prop::collection::vec((0u32..400, 1i64..200, 0i64..200), 1..400)) {
        let cache = TokenCache::new(64);
        for (name, expires, now) in inserts {
            let token = format!("{name}-{expires}");
            cache.insert(&token, &claims_until(expires), now);
            prop_assert!(cache.len() <= 64);
            prop_assert_eq!(cache.get(&token, now).is_some(), now < expires);
            prop_assert!(cache.get(&token, expires).is_none());
        }
    }
}
