//! Moments as the formats write them (RFC 3339, UTC), to be compared. No calendar is needed for that.

/// The length of `YYYY-MM-DDTHH:MM:SS`.
const SECONDS: usize = 19;

/// `YYYY-MM-DDTHH:MM:SS` and nine digits of a second: in this spelling the order of the text is that of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment([u8; SECONDS], [u8; 9]);

impl Moment {
    /// Reads `YYYY-MM-DDTHH:MM:SS[.digits]Z` with up to nine digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (seconds, rest) = text.as_bytes().split_first_chunk::<SECONDS>()?;
        let shaped = seconds
            .iter()
            .zip(b"0000-00-00T00:00:00")
            .all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                other => byte == other,
            });
        let fraction = match rest.strip_suffix(b"Z")? {
            [] => &[],
            [b'.', digits @ ..] if (1..=9).contains(&digits.len()) => digits,
            _ => return None,
        };
        if !shaped || !fraction.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let mut padded = [b'0'; 9];
        padded
            .iter_mut()
            .zip(fraction)
            .for_each(|(to, from)| *to = *from);
        Some(Self(*seconds, padded))
    }

    /// From POSIX seconds, up to the year 9999.
    pub(super) fn from_posix(seconds: u64) -> Option<Self> {
        Self::parse(&posix_text(seconds))
    }
}

/// The days are counted in eras of 400 years that begin on 1 March.
pub(super) fn posix_text(seconds: u64) -> String {
    let (days, of_day) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year + u64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_compare_whatever_the_length_of_their_fraction() {
        let moments = [
            "2026-11-23T05:42:39Z",
            "2026-11-23T05:42:39.000001Z",
            "2026-11-23T05:42:39.36Z",
            "2026-11-23T05:42:39.361Z",
            "2026-11-23T05:42:40Z",
        ]
        .map(|text| Moment::parse(text).unwrap());
        assert!(moments.is_sorted());
        for other in [
            "",
            "2026-11-23",
            "2026-11-23T05:42:39",
            "2026-11-23T05:42:39.Z",
        ] {
            assert_eq!(Moment::parse(other), None);
        }
    }

    #[test]
    fn posix_seconds_are_written_as_a_calendar_has_them() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_795_433_759, "2026-11-23T11:35:59Z"),
        ] {
            assert_eq!(posix_text(seconds), text);
        }
        assert_eq!(Moment::from_posix(u64::MAX), None);
    }
}
