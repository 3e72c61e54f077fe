//! An edition of the role policies: the text that they are made from, kept whole so that what was in force at an
//! earlier time can be loaded and asked again.

use std::borrow::Cow;

use aws_lc_rs::digest;

use super::PolicyInvalid;

/// All sources together, with their names, may hold this many bytes.
const MAX_BYTES: usize = 1 << 20;
/// A set may hold this many files.
const MAX_FILES: usize = 64;
/// What the lengths before each part may add to the text of an edition.
const MAX_HEADS: usize = (MAX_FILES + 1) * 48;

/// The sources of one set of role policies: a schema, and policy files with their names, sorted.
///
/// Bounded, but not yet checked as policies: that is [`super::RolePolicy::from_edition`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    schema: String,
    files: Vec<(String, String)>,
}

impl Edition {
    /// From the text of a schema and of policy files, each with its name, in any order.
    ///
    /// [`PolicyInvalid::TooLarge`] where it is more than one may be. A NUL character is refused because
    /// `PostgreSQL` cannot keep it.
    pub fn new(schema: &str, files: &[(&str, &str)]) -> Result<Self, PolicyInvalid> {
        let bytes = files.iter().fold(schema.len(), |sum, (name, text)| {
            sum.saturating_add(name.len()).saturating_add(text.len())
        });
        if bytes > MAX_BYTES || files.len() > MAX_FILES {
            return Err(PolicyInvalid::TooLarge);
        }
        let nul = |text: &&str| text.contains('\0');
        let texts = files.iter().flat_map(|(name, text)| [*name, *text]);
        if std::iter::once(schema).chain(texts).any(|text| nul(&text)) {
            return Err(PolicyInvalid::Edition("a file holds a NUL character"));
        }
        let mut files: Vec<_> = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        files.sort_unstable();
        let schema = schema.to_owned();
        Ok(Self { schema, files })
    }

    /// The schema.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// The policy files as (name, text), sorted.
    pub fn files(&self) -> &[(String, String)] {
        &self.files
    }

    /// The one text of the edition, which [`Self::from_text`] reads back and of which [`Self::version`] is the hash.
    ///
    /// Each part is `<bytes of the name> <bytes of the text> <name>`, a line feed and the text; the schema comes
    /// first and without a name. The lengths keep text from moving from one file to another unnoticed.
    pub fn to_text(&self) -> String {
        let parts = self.files.iter().map(|(name, text)| (&**name, &**text));
        std::iter::once(("", &*self.schema))
            .chain(parts)
            .flat_map(|(name, text)| {
                let head = format!("{} {} {name}\n", name.len(), text.len());
                [Cow::from(head), Cow::from(text)]
            })
            .collect()
    }

    /// Reads what [`Self::to_text`] wrote, and nothing else: [`PolicyInvalid::Edition`] for any other text.
    pub fn from_text(text: &str) -> Result<Self, PolicyInvalid> {
        if text.len() > MAX_BYTES + MAX_HEADS {
            return Err(PolicyInvalid::TooLarge);
        }
        let broken = PolicyInvalid::Edition("the text is not a stored edition");
        let (_, schema, mut rest) = part(text).ok_or(broken.clone())?;
        let mut files = Vec::new();
        while !rest.is_empty() && files.len() <= MAX_FILES {
            let (name, text, after) = part(rest).ok_or(broken.clone())?;
            files.push((name, text));
            rest = after;
        }
        let edition = Self::new(schema, &files)?;
        // One edition has one text, so a stored one that was tampered with cannot pass as another form of it.
        (edition.to_text() == text).then_some(edition).ok_or(broken)
    }

    /// SHA-256 over [`Self::to_text`] in lower-case hexadecimal: the version of the set.
    pub fn version(&self) -> String {
        crate::hex(digest::digest(&digest::SHA256, self.to_text().as_bytes()).as_ref())
    }
}

/// The first part of an edition's text: its name, its text, and what comes after.
fn part(text: &str) -> Option<(&str, &str, &str)> {
    let (name_length, rest) = text.split_once(' ')?;
    let (text_length, rest) = rest.split_once(' ')?;
    let (name, rest) = rest.split_at_checked(name_length.parse().ok()?)?;
    let (text, rest) = rest
        .strip_prefix('\n')?
        .split_at_checked(text_length.parse().ok()?)?;
    Some((name, text, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::RolePolicy;

    const ONE: &str = "0 6 schema";

    fn edition() -> Edition {
        Edition::new("schema", &[("b", "1 1 x\ny"), ("a", "æ\n")]).unwrap()
    }

    #[test]
    fn the_text_is_what_it_says() {
        let text = "0 6 \nschema1 3 a\næ\n1 7 b\n1 1 x\ny";
        assert_eq!(edition().to_text(), text);
        assert_eq!(Edition::from_text(text), Ok(edition()));
        let turned = Edition::new("schema", &[("a", "æ\n"), ("b", "1 1 x\ny")]).unwrap();
        assert_eq!(turned.version(), edition().version());
    }

    #[test]
    fn any_other_text_is_refused() {
        let sound = edition().to_text();
        let broken = [
            String::new(),
            ONE.to_owned(),
            "0 +6 \nschema".to_owned(),
            "0 06 \nschema".to_owned(),
            "1 6 x\nschema".to_owned(),
            "0 6 \nschema1 1 b\nx1 1 a\nx".to_owned(),
            "0 99999999999999999999 \nschema".to_owned(),
            // In the middle of a letter of two bytes.
            "0 1 \næ".to_owned(),
            format!("{sound} "),
            sound.chars().skip(1).collect(),
        ];
        for text in broken {
            let error = Edition::from_text(&text).unwrap_err();
            assert!(matches!(error, PolicyInvalid::Edition(_)), "{text:?}");
        }
        for end in (0..sound.len()).filter(|end| sound.is_char_boundary(*end)) {
            let (cut, _) = sound.split_at(end);
            assert_ne!(Edition::from_text(cut), Ok(edition()), "{cut:?}");
        }
    }

    #[test]
    fn an_edition_is_bounded() {
        let huge = "x".repeat(MAX_BYTES + 1);
        assert_eq!(Edition::new(&huge, &[]), Err(PolicyInvalid::TooLarge));
        assert_eq!(
            Edition::new("", &[(&huge, "")]),
            Err(PolicyInvalid::TooLarge)
        );
        let many = "0 0 \n".repeat(MAX_FILES + 2);
        assert_eq!(Edition::from_text(&many), Err(PolicyInvalid::TooLarge));
        let longer = "x".repeat(MAX_BYTES + MAX_HEADS + 1);
        assert_eq!(Edition::from_text(&longer), Err(PolicyInvalid::TooLarge));
        let nul = Edition::new("", &[("a", "\0")]).unwrap_err();
        assert!(matches!(nul, PolicyInvalid::Edition(_)));
        // The largest that may be made can be read back.
        let largest = Edition::new(&"x".repeat(MAX_BYTES), &[("", ""); MAX_FILES]).unwrap();
        assert_eq!(Edition::from_text(&largest.to_text()), Ok(largest));
    }

    /// A schema with one action only, as an old release may have had it.
    const OLD: &str = r#"namespace Delt {
        entity Actor enum ["citizen"]; entity Hub enum ["hub"];
        action GetPatient appliesTo { principal: [Actor], resource: [Hub] };
    }"#;

    #[test]
    fn a_past_edition_loads_and_a_new_one_must_know_every_action() {
        let permits = r#"@id("p") permit(principal, action, resource);"#;
        let edition = Edition::new(OLD, &[("p.cedar", permits)]).unwrap();
        let new = RolePolicy::from_edition(edition.clone()).unwrap_err();
        assert!(matches!(new, PolicyInvalid::ActionMissing(_)), "{new}");
        let past = RolePolicy::from_past_edition(edition.clone()).unwrap();
        assert_eq!(past.edition(), &edition);
        assert_eq!(past.version(), edition.version());
        let broken = Edition::new(OLD, &[("p.cedar", "permit(")]).unwrap();
        assert!(RolePolicy::from_past_edition(broken).is_err());
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(
            schema in "\\PC*", files in proptest::collection::vec(("[a-z \n0-9]{0,9}", "(?s)[^\0]{0,40}"), 0..6),
        ) {
            let named: Vec<_> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
            let edition = Edition::new(&schema, &named).unwrap();
            prop_assert_eq!(Edition::from_text(&edition.to_text()), Ok(edition));
        }

        #[test]
        fn no_text_makes_it_panic(text in "([0-9]{1,3} ){0,3}(?s).{0,40}") {
            if let Ok(edition) = Edition::from_text(&text) {
                prop_assert_eq!(edition.to_text(), text);
            }
        }
    }
}
