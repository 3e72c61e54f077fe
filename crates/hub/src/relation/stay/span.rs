//! From what was said of a stay to when the treatment relation holds. Pure.

use uuid::Uuid;

use super::{Admission, Said, StayEvent};
use crate::clock::Micros;

/// When the relation of an admission holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Micros,
    /// The end of the run-out after the discharge, or when it was heard that the admission was said in error.
    pub(super) until: Option<Micros>,
}

/// The span of an admission among the events that concern it, in whatever order they are given.
pub(super) fn span<'a>(
    admission: &StayEvent,
    concerning: impl Iterator<Item = &'a StayEvent>,
    run_out: Micros,
) -> Span {
    let mut events: Vec<&StayEvent> = concerning.collect();
    events.sort_by_key(|event| {
        let notice = &event.notice;
        (
            notice.said_at,
            notice.said.rank(),
            notice.happened_at,
            event.id,
        )
    });
    let stays = stays(&events);
    let letters = letters(&events);
    stays
        .iter()
        .enumerate()
        .find_map(|(index, stay)| {
            let admitted = stay.admitted(admission.id)?;
            if let Some(heard) = admitted.cancelled_at {
                return Some((admitted.from, Some(heard)));
            }
            let end = stay.discharge.or_else(|| letter(&stays, index, &letters));
            let until = end.map(|end| end.max(admitted.from).saturating_add(run_out));
            Some((admitted.from, until))
        })
        .map_or(
            Span {
                from: admission.notice.happened_at,
                until: None,
            },
            |(from, until)| Span { from, until },
        )
}

/// One admission of a stay. A patient who comes in acutely and is admitted then is told of twice, and so is one whose admission goes to two receivers.
struct Admitted {
    id: Uuid,
    how: Admission,
    from: Micros,
    /// When it was heard that it was said in error.
    cancelled_at: Option<Micros>,
}

/// From the first admission until the discharge.
#[derive(Default)]
struct Stay {
    admissions: Vec<Admitted>,
    discharge: Option<Micros>,
    /// When it was last said that the patient is still there: letters of before tell of no discharge.
    stayed_at: Option<Micros>,
}

impl Stay {
    fn admitted(&self, id: Uuid) -> Option<&Admitted> {
        self.admissions.iter().find(|admitted| admitted.id == id)
    }

    /// Those admissions of a kind that still count.
    fn standing(&mut self, how: Admission) -> impl Iterator<Item = &mut Admitted> {
        self.admissions
            .iter_mut()
            .filter(move |admitted| admitted.how == how && admitted.cancelled_at.is_none())
    }

    fn begin(&self) -> Option<Micros> {
        let standing = self.admissions.iter();
        standing
            .filter(|admitted| admitted.cancelled_at.is_none())
            .map(|admitted| admitted.from)
            .min()
    }
}

/// The stays that notifications tell of, in the order in which things were said. A notice bears on the stay that was the last one then, so that a notice
/// that goes to two receivers, and is corrected or cancelled to both, says it twice and changes nothing more.
fn stays(events: &[&StayEvent]) -> Vec<Stay> {
    let mut stays = Vec::new();
    let mut last = Stay::default();
    for event in events {
        let happened = event.notice.happened_at;
        match event.notice.said {
            Said::Admitted(how) => {
                if last.discharge.is_some() {
                    stays.push(std::mem::take(&mut last));
                }
                last.admissions.push(Admitted {
                    id: event.id,
                    how,
                    from: happened,
                    cancelled_at: None,
                });
            }
            Said::AdmissionRevised(how) => {
                last.standing(how)
                    .for_each(|admitted| admitted.from = happened);
            }
            Said::AdmissionCancelled(how) => {
                last.standing(how)
                    .for_each(|admitted| admitted.cancelled_at = Some(event.received_at));
            }
            // A second discharge without an admission between opens for no longer.
            Said::Discharged => last.discharge = last.discharge.or(Some(happened)),
            Said::DischargeRevised => last.discharge = Some(happened),
            Said::DischargeCancelled => {
                last.discharge = None;
                last.stayed_at = Some(event.notice.said_at);
            }
            Said::Letter | Said::LetterCorrected | Said::LetterCancelled => {}
        }
    }
    stays.push(last);
    stays
}

/// The discharge letters that count. OIOXML names no letter: a correction or cancellation is of the one before it.
fn letters<'a>(events: &[&'a StayEvent]) -> Vec<&'a StayEvent> {
    let mut letters = Vec::new();
    for event in events {
        match event.notice.said {
            Said::Letter => letters.push(*event),
            Said::LetterCorrected => {
                letters.pop();
                letters.push(*event);
            }
            Said::LetterCancelled => {
                letters.pop();
            }
            _ => {}
        }
    }
    letters
}

/// The discharge that a letter tells of, for a stay whose discharge was not notified. A letter is written days after, perhaps when the patient is back: it
/// is of the stay that had begun when it says that the patient left.
fn letter(stays: &[Stay], index: usize, letters: &[&StayEvent]) -> Option<Micros> {
    let (stay, later) = stays.get(index..)?.split_first()?;
    let begin = stay.begin()?;
    let next = later.iter().find_map(Stay::begin).unwrap_or(Micros::MAX);
    letters
        .iter()
        .filter(|letter| (begin..next).contains(&letter.notice.happened_at))
        .rfind(|letter| stay.stayed_at.is_none_or(|at| letter.notice.said_at > at))
        .map(|letter| letter.notice.happened_at)
}
