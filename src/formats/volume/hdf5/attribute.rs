//! Attributes as text and numbers, however they were written.

use super::file::{Attribute, Number};

/// The attribute of this name.
pub(super) fn find<'a>(list: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    list.iter().find(|attribute| attribute.name == name)
}

/// Its texts.
pub(super) fn texts(list: &[Attribute], name: &str) -> Vec<String> {
    let Some(attribute) = find(list, name) else { return vec![] };
    let found = attribute.read_strings().or_else(|_| attribute.read_string().map(|text| vec![text]));
    let clean = |text: String| text.trim_end_matches('\0').trim().to_owned();
    found.unwrap_or_default().into_iter().map(clean).filter(|text| !text.is_empty()).collect()
}

/// Its text; none where there is none.
pub(super) fn text(list: &[Attribute], name: &str) -> Option<String> {
    texts(list, name).into_iter().next()
}

/// Its number, which may be written as text.
pub(super) fn number(list: &[Attribute], name: &str) -> Option<f64> {
    let attribute = find(list, name)?;
    let found = attribute.read_1d::<Number>().ok().and_then(|list| Some(list.first()?.0));
    found.or_else(|| text(list, name)?.parse().ok())
}
