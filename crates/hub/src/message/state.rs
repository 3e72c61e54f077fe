//! The states of a message, and what may follow what.

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::LEASE_TOKEN_BYTES;
use crate::{Error, Result, clock::Micros, error::code};

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Durable at the hub, not yet taken.
    Accepted,
    /// Handed to the receiver, who has not said yet that it is safe there.
    Leased,
    /// The receiver has it.
    Acknowledged,
    /// The receiver refused it.
    Refused,
}

impl State {
    pub(crate) const fn to_row(self) -> i64 {
        match self {
            Self::Accepted => 1,
            Self::Leased => 2,
            Self::Acknowledged => 3,
            Self::Refused => 4,
        }
    }

    pub(crate) fn from_row(value: i64) -> Result<Self> {
        Ok(match value {
            1 => Self::Accepted,
            2 => Self::Leased,
            3 => Self::Acknowledged,
            4 => Self::Refused,
            _ => return Err(Error::internal("unknown message state in a row")),
        })
    }
}

/// A receiver's hold on a message.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) token: [u8; LEASE_TOKEN_BYTES],
    pub(crate) expires: Micros,
}

/// Where a message stands, with the last lease that was given on it and the code that it was refused with.
#[derive(Clone)]
pub(crate) struct Standing {
    pub(crate) state: State,
    pub(crate) lease: Option<Lease>,
    pub(crate) refuse_code: Option<String>,
}

/// What an acknowledgement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The message comes to its end.
    Ends(State),
    /// It was said before, in the same way: the same answer again.
    SaidBefore,
}

impl Standing {
    /// Whether it may be offered to its receiver now.
    pub(crate) fn is_offered(&self, now: Micros) -> bool {
        match self.state {
            State::Accepted => true,
            State::Leased => self.has_lapsed(now),
            State::Acknowledged | State::Refused => false,
        }
    }

    /// Whether a lease was given and ran out without a word.
    pub(crate) fn has_lapsed(&self, now: Micros) -> bool {
        self.state == State::Leased && self.lease.as_ref().is_none_or(|lease| lease.expires <= now)
    }

    /// What follows when the holder of `token` says that it has the message (`refuse_code` none) or refuses it.
    ///
    /// Never first positive and then negative, nor the other way (MedCom, reliable messaging): the first word counts.
    pub(crate) fn acknowledge(
        &self,
        token: &[u8],
        refuse_code: Option<&str>,
        now: Micros,
    ) -> Result<Step> {
        let conflict = |message| Err(Error::new(code::STATE_CONFLICT).with_message(message));
        if !self.is_held_with(token) {
            return conflict("the lease token is not that of the message's last lease");
        }
        let end = if refuse_code.is_some() {
            State::Refused
        } else {
            State::Acknowledged
        };
        match self.state {
            State::Leased if !self.has_lapsed(now) => Ok(Step::Ends(end)),
            State::Acknowledged | State::Refused
                if self.state == end && self.refuse_code.as_deref() == refuse_code =>
            {
                Ok(Step::SaidBefore)
            }
            State::Acknowledged | State::Refused => {
                conflict("the message was answered before, in another way")
            }
            State::Accepted | State::Leased => {
                conflict("the lease ran out; the message is offered again")
            }
        }
    }

    /// Compares in constant time, so that the token cannot be felt out.
    fn is_held_with(&self, token: &[u8]) -> bool {
        self.lease
            .as_ref()
            .is_some_and(|l| verify_slices_are_equal(&l.token, token).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOKEN: [u8; LEASE_TOKEN_BYTES] = [7; LEASE_TOKEN_BYTES];

    fn standing(state: State) -> Standing {
        let lease = (state != State::Accepted).then_some(Lease {
            token: TOKEN,
            expires: 100,
        });
        let refuse_code = (state == State::Refused).then(|| "syntaksfejl".to_owned());
        Standing {
            state,
            lease,
            refuse_code,
        }
    }

    #[test]
    fn a_lease_ends_once_in_one_way() {
        let leased = standing(State::Leased);
        assert_eq!(
            leased.acknowledge(&TOKEN, None, 99),
            Ok(Step::Ends(State::Acknowledged))
        );
        assert_eq!(
            leased.acknowledge(&TOKEN, Some("x"), 99),
            Ok(Step::Ends(State::Refused))
        );
        let done = standing(State::Acknowledged);
        assert_eq!(done.acknowledge(&TOKEN, None, 500), Ok(Step::SaidBefore));
        assert_eq!(
            done.acknowledge(&TOKEN, Some("x"), 500).unwrap_err().code(),
            code::STATE_CONFLICT
        );
        let refused = standing(State::Refused);
        assert_eq!(
            refused.acknowledge(&TOKEN, Some("syntaksfejl"), 500),
            Ok(Step::SaidBefore)
        );
        assert!(
            refused
                .acknowledge(&TOKEN, Some("ikke_specificeret"), 500)
                .is_err()
        );
        assert!(refused.acknowledge(&TOKEN, None, 500).is_err());
    }

    #[test]
    fn a_lapsed_lease_or_another_token_ends_nothing() {
        let leased = standing(State::Leased);
        assert!(leased.acknowledge(&TOKEN, None, 100).is_err());
        assert!(leased.acknowledge(&[8; 16], None, 0).is_err());
        assert!(leased.acknowledge(&[], None, 0).is_err());
        assert!(
            standing(State::Accepted)
                .acknowledge(&TOKEN, None, 0)
                .is_err()
        );
    }

    #[test]
    fn only_what_nobody_holds_is_offered() {
        assert!(standing(State::Accepted).is_offered(0));
        assert!(!standing(State::Leased).is_offered(99));
        assert!(standing(State::Leased).is_offered(100));
        assert!(!standing(State::Acknowledged).is_offered(1_000));
        assert!(!standing(State::Refused).is_offered(1_000));
    }

    proptest! {
        #[test]
        fn what_can_be_acknowledged_is_not_offered(now in 0_i64..200, row in 1_i64..5, refuse: bool) {
            let standing = standing(State::from_row(row).unwrap());
            let ends = standing.acknowledge(&TOKEN, refuse.then_some("x"), now);
            prop_assert!(!(standing.is_offered(now) && ends.is_ok()));
        }

        #[test]
        fn no_other_token_ever_counts(token in proptest::collection::vec(any::<u8>(), 0..20), row in 1_i64..5) {
            prop_assume!(token != TOKEN);
            prop_assert!(standing(State::from_row(row).unwrap()).acknowledge(&token, None, 0).is_err());
        }
    }
}
