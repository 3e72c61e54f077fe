use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::clock::SECOND;

const PAUSE: Micros = 4 * HOUR;

type Shape = (Key, Vec<Place>);

fn beginning() -> Next {
    Next {
        before: Place::END,
        shown: Vec::new(),
    }
}

fn place(at: Micros, id: u128) -> Place {
    Place {
        at,
        id: Uuid::from_u128(id),
    }
}

/// All pages, each of so many visits, over looks that are given newest first.
fn pages(looks: &[(Place, Key)], size: usize, step: usize) -> Vec<Vec<Shape>> {
    let mut pages = Vec::new();
    let mut next = Some(beginning());
    while let Some(from) = next.take() {
        let rest: Vec<_> = looks.iter().filter(|(at, _)| *at < from.before).collect();
        let mut page = Page::new(size, PAUSE, from);
        let mut exhausted = true;
        for (index, (at, key)) in rest.iter().enumerate() {
            page.add(*at, *key, *at);
            if (index + 1) % step == 0 && page.is_done() {
                exhausted = index + 1 == rest.len();
                break;
            }
        }
        let (visits, after) = page.finish(exhausted);
        pages.push(visits.into_iter().map(|v| (v.key, v.calls)).collect());
        next = after;
        assert!(pages.len() <= looks.len() + 1, "no page goes on for ever");
    }
    pages
}

fn looks(given: Vec<(i64, u8)>) -> Vec<(Place, Key)> {
    let mut looks: Vec<_> = given
        .into_iter()
        .zip(0_u128..)
        .map(|((minutes, who), id)| (place(minutes * 60 * SECOND, id), [who; 8]))
        .collect();
    looks.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    looks
}

#[test]
fn a_pause_ends_a_visit_and_another_actor_does_not() {
    let minutes = [(0, 1), (100, 1), (120, 2), (339, 1), (579, 1)];
    let pages = pages(&looks(minutes.to_vec()), 10, 1);
    let shape: Vec<_> = pages[0]
        .iter()
        .map(|(key, calls)| (key[0], calls.len()))
        .collect();
    assert_eq!(shape, [(1, 1), (1, 3), (2, 1)]);
}

#[test]
fn what_never_pauses_ends_after_a_day_and_after_its_calls() {
    let polls = (0..100).map(|hour| (hour * 60, 1)).collect();
    let lengths: Vec<_> = pages(&looks(polls), 100, 1)[0]
        .iter()
        .map(|v| v.1.len())
        .collect();
    assert_eq!(lengths, [24, 24, 24, 24, 4]);
    let many = (0..1_200).map(|minute| (minute, 1)).collect();
    let lengths: Vec<_> = pages(&looks(many), 100, 1)[0]
        .iter()
        .map(|v| v.1.len())
        .collect();
    assert_eq!(lengths, [500, 500, 200]);
}

proptest! {
    /// However small its pages, a list shows the same visits in the same order as one page of all.
    #[test]
    fn pages_split_no_visit(
        given in prop::collection::vec((0_i64..6_000, 0_u8..6), 0..120), size in 1_usize..6, step in 1_usize..9,
    ) {
        let looks = looks(given);
        let whole = pages(&looks, 1_000, 1).concat();
        prop_assert_eq!(pages(&looks, size, step).concat(), whole);
    }

    /// With more actors at once than a token can name, visits are cut, but no call is lost or shown twice.
    #[test]
    fn no_call_is_lost(given in prop::collection::vec((0_i64..300, 0_u8..60), 0..200), size in 1_usize..60) {
        let looks = looks(given);
        let mut shown: Vec<_> =
            pages(&looks, size, 1).concat().into_iter().flat_map(|(_, calls)| calls).collect();
        shown.sort_by_key(|at| std::cmp::Reverse(*at));
        prop_assert_eq!(shown, looks.iter().map(|(at, _)| *at).collect::<Vec<_>>());
    }
}
