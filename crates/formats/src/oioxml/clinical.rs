//! Diagnoses and clinical text.

use time::PrimitiveDateTime;

use super::values::date_time;
use crate::Sensitive;
use crate::violation::{Problems, ViolationCode};
use crate::xml::{Element, Field, Node};

/// A diagnosis of the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Whether it is the main diagnosis.
    pub is_main: bool,
    /// The role of another diagnosis, such as `bidiagnose`.
    pub description_code: Option<String>,
    /// The code.
    pub code: Option<Sensitive>,
    /// The classification of the code, such as `SKSdiagnosekode`.
    pub type_code: Option<String>,
    /// The diagnosis in words.
    pub text: Option<Sensitive>,
}

/// A piece of clinical text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClinicalText {
    /// When it was signed, Danish local time.
    pub signed: Option<PrimitiveDateTime>,
    /// The text, its marks dropped and its breaks kept.
    pub text: Sensitive,
}

impl Diagnosis {
    /// The diagnoses under `Diagnose`: main, additions to it, others.
    pub(super) fn read_all(field: &Field<'_>, problems: &mut Problems) -> Vec<Self> {
        let main = field.children("Main");
        if main.len() > 1 {
            problems.push(
                field.path(),
                ViolationCode::TooMany,
                "has more than one main diagnosis",
            );
        }
        let others = ["MainAdditional", "Other"]
            .into_iter()
            .flat_map(|n| field.children(n));
        let all = main
            .into_iter()
            .map(|f| (true, f))
            .chain(others.map(|f| (false, f)));
        all.filter_map(|(is_main, f)| Self::read(is_main, &f, problems))
            .collect()
    }

    fn read(is_main: bool, field: &Field<'_>, problems: &mut Problems) -> Option<Self> {
        let code = field.child("DiagnoseCode").text();
        let text = field.child("DiagnoseText").text();
        if code.is_none() && text.is_none() {
            problems.push(
                field.path(),
                ViolationCode::Missing,
                "must have a code or a text",
            );
            return None;
        }
        Some(Self {
            is_main,
            description_code: field.child("DiagnoseDescriptionCode").text(),
            code: code.map(Sensitive::from),
            type_code: field.child("DiagnoseTypeCode").text(),
            text: text.map(Sensitive::from),
        })
    }
}

impl ClinicalText {
    /// The texts of every `ClinicalInformation` in the letter: `Text01`, `Text02` …
    pub(super) fn read_all(letter: &Field<'_>, problems: &mut Problems) -> Vec<Self> {
        let mut found = Vec::new();
        for field in letter.children("ClinicalInformation") {
            let signed = date_time(&field.child("Signed"), problems);
            let texts = field.element().into_iter().flat_map(Element::elements);
            for element in texts.filter(|element| element.name.starts_with("Text")) {
                let text = flatten(element);
                if !text.is_empty() {
                    found.push(Self {
                        signed,
                        text: text.into(),
                    });
                }
            }
        }
        found
    }
}

/// Rich text as plain text: a `Break` is a line end, white space of the XML layout is one blank, `FixedFont` keeps its own.
fn flatten(element: &Element) -> String {
    let mut out = String::new();
    append(element, false, &mut out);
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

fn append(element: &Element, fixed: bool, out: &mut String) {
    for node in &element.nodes {
        match node {
            Node::Text(text) if fixed => out.push_str(text),
            Node::Text(text) => append_collapsed(text, out),
            Node::Element(inner) if inner.name == "Break" => out.push('\n'),
            Node::Element(inner) if inner.name == "Space" => out.push(' '),
            Node::Element(inner) => append(inner, fixed || inner.name == "FixedFont", out),
        }
    }
}

fn append_collapsed(text: &str, out: &mut String) {
    for character in text.chars() {
        if !character.is_ascii_whitespace() {
            out.push(character);
        } else if !out.is_empty() && !out.ends_with([' ', '\n']) {
            out.push(' ');
        }
    }
}
