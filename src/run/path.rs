//! Paths through reciprocal space as people write them: “Γ – X – 1 0.25 0.25 | Γ – L”.
//!
//! Points stand between dashes; a bar begins a piece that is not joined to what is before. A point is a name, three numbers
//! h k l of the input cell (also 1/3), or both.

use nalgebra::Vector3;

use crate::base::text::quote;
use crate::crystal::Crystal;
use crate::dynamics::{PathPoint, named_points};
use crate::{Error, Result};

/// Points of a path at most.
const MOST_POINTS: usize = 60;
/// Components of h, k, l at most.
const FARTHEST: f64 = 100.0;
/// r.l.u.: what is nearer is the same place.
const SAME: f64 = 1e-6;
/// r.l.u.: places written with three decimals have the names of what they mean.
const MEANT: f64 = 2e-3;

/// The path that a text means.
///
/// # Errors
/// Names that the lattice has not, points that are no three numbers, pieces of one point, a point twice in a row.
pub fn read_path(crystal: &Crystal, text: &str) -> Result<Vec<PathPoint>> {
    let mut path: Vec<PathPoint> = Vec::new();
    for piece in text.split('|') {
        let first = path.len();
        for written in points_of(piece) {
            let PathPoint { label, hkl, .. } = read_point(crystal, written.trim())?;
            if path.len() > first && (path[path.len() - 1].hkl - hkl).amax() < SAME {
                let what = format!("{} is there twice in a row", quote(written.trim()));
                return Err(Error::value(what, "another point after it").of("path"));
            }
            if path.len() == MOST_POINTS {
                return Err(Error::value("too many points", format!("{MOST_POINTS} at most")).of("path"));
            }
            path.push(PathPoint { label, hkl, joined: path.len() > first });
        }
        if path.len() - first == 1 {
            let what = format!("{} leads nowhere", quote(piece.trim()));
            return Err(Error::value(what, "two points or more, such as Γ – X").of("path"));
        }
    }
    if path.is_empty() {
        return Err(Error::value("no points", "two points or more, such as Γ – X").of("path"));
    }
    Ok(path)
}

/// A path as [`read_path`] reads it.
pub fn written_path(crystal: &Crystal, path: &[PathPoint]) -> String {
    let mut text = String::new();
    for point in path {
        if !text.is_empty() {
            text += if point.joined { " – " } else { " | " };
        }
        text += &written_point(crystal, &point.label, &point.hkl);
    }
    text
}

/// One point of it.
pub(super) fn written_point(crystal: &Crystal, label: &str, hkl: &Vector3<f64>) -> String {
    let own = |(name, place): &(&str, Vector3<f64>)| *name == label && (place - hkl).amax() < SAME;
    if named_points(crystal).iter().any(own) {
        return label.to_owned();
    }
    let numbers = hkl.map(written).iter().cloned().collect::<Vec<_>>().join(" ");
    if label == numbers_as_label(hkl) { numbers } else { format!("{label} {numbers}") }
}

/// What a place is called: by its name in the first zone, by that of what it is equivalent to, or by its numbers.
pub(super) fn label_of(crystal: &Crystal, hkl: &Vector3<f64>) -> String {
    let named = named_points(crystal);
    let unit = crystal.input.reciprocal();
    let q = unit * hkl;
    let near = MEANT * (0..3).map(|k| unit.column(k).norm()).fold(f64::INFINITY, f64::min);
    let images = |place: &Vector3<f64>| {
        let place = unit * place;
        crystal.operations.iter().flat_map(move |op| [op.cartesian * place, -(op.cartesian * place)])
    };
    let turned = named.iter().find(|(_, place)| images(place).any(|image| (image - q).norm() < near));
    let shifted = || {
        named.iter().find(|(_, place)| {
            images(place).any(|image| {
                let turns = crystal.primitive.lattice.tr_mul(&(image - q)) / std::f64::consts::TAU;
                turns.iter().all(|x| (x - x.round()).abs() < MEANT)
            })
        })
    };
    turned.or_else(shifted).map_or_else(|| numbers_as_label(hkl), |(name, _)| (*name).to_owned())
}

/// The place at ζ of a direction: between two named points as a fraction of the way, or by its components, one of which at
/// least is ζ.
///
/// # Errors
/// What is neither.
pub(super) fn place_along(crystal: &Crystal, direction: &str, zeta: f64) -> Result<Vector3<f64>> {
    let by_components = direction.trim().starts_with(['[', '(']) || direction.contains(['ζ', 'ξ']);
    let ends = points_of(direction);
    if let ([from, to], false) = (ends.as_slice(), by_components) {
        let [from, to] = [from, to].map(|end| read_point(crystal, end.trim()).map(|point| point.hkl));
        let from = from?;
        return Ok(from + (to? - from) * zeta);
    }
    let inside = direction.trim().trim_start_matches(['[', '(']);
    let inside = inside.split([']', ')']).next().unwrap_or_default();
    let components = if inside.contains([' ', ',']) {
        inside.split([' ', ',']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    } else {
        // “0ζ-ζ”: one component after the other.
        let mut parts: Vec<String> = Vec::new();
        for c in inside.chars() {
            match parts.last_mut().filter(|last| matches!(last.as_str(), "-" | "−")) {
                Some(sign) => sign.push(c),
                None => parts.push(c.to_string()),
            }
        }
        parts
    };
    let value = |part: &String| -> Option<f64> {
        let part = part.replace('−', "-");
        match part.strip_suffix(['ζ', 'ξ', 'x', 'q', 'h', 'z']) {
            Some("") => Some(zeta),
            Some("-") => Some(-zeta),
            Some(factor) => number(factor).map(|f| f * zeta),
            None => number(&part),
        }
    };
    let values: Vec<f64> = components.iter().filter_map(value).collect();
    match (values.as_slice(), components.len()) {
        (&[h, k, l], 3) => Ok(Vector3::new(h, k, l)),
        _ => Err(Error::value(quote(direction), "a direction such as Γ–X or [0 ζ ζ]")),
    }
}

/// What stands between dashes, arrows, semicolons or ends of lines; a hyphen before a number is its sign.
fn points_of(piece: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut letters = piece.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let sign = letters.peek().is_some_and(|(_, next)| next.is_ascii_digit() || *next == '.');
        if matches!(c, '–' | '—' | '→' | '>' | ';' | '\n') || c == '-' && !sign {
            parts.push(&piece[start..at]);
            start = at + c.len_utf8();
        }
    }
    parts.push(&piece[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn read_point(crystal: &Crystal, text: &str) -> Result<PathPoint> {
    let words: Vec<&str> = text.split([' ', ',', '\t']).filter(|word| !word.is_empty()).collect();
    let numbers = |words: &[&str]| -> Option<Vector3<f64>> {
        let values: Vec<f64> = words.iter().filter_map(|word| number(word)).collect();
        let far = values.iter().any(|x| x.abs() > FARTHEST);
        (values.len() == 3 && words.len() == 3 && !far).then(|| Vector3::from_column_slice(&values))
    };
    let point = |label: String, hkl| PathPoint { label, hkl, joined: false };
    let named = named_points(crystal);
    match words.as_slice() {
        [name] if number(name).is_none() => {
            let known = named.iter().find(|(own, _)| *own == known_name(name));
            let (own, place) = known.ok_or_else(|| {
                let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
                let expected = format!("{} or three numbers h k l", names.join(", "));
                Error::value(format!("{} is no point of this lattice", quote(name)), expected).of("path")
            })?;
            Ok(point((*own).to_owned(), *place))
        }
        [name, place @ ..] if number(name).is_none() && name.chars().count() <= 12 => {
            { numbers(place).map(|hkl| point(known_name(name).to_owned(), hkl)) }
                .ok_or_else(|| no_point(text))
        }
        place => {
            let hkl = numbers(place).ok_or_else(|| no_point(text))?;
            Ok(point(label_of(crystal, &hkl), hkl))
        }
    }
}

fn no_point(text: &str) -> Error {
    Error::value(format!("{} is no point", quote(text)), "a name or three numbers h k l up to 100").of("path")
}

/// Γ has several spellings.
fn known_name(name: &str) -> &str {
    match name {
        "G" | "g" | "Gamma" | "gamma" | "GAMMA" | "GM" | "\\Gamma" | "$\\Gamma$" => "Γ",
        other => other,
    }
}

/// A finite number, or one over another.
fn number(word: &str) -> Option<f64> {
    let plain = |text: &str| text.replace('−', "-").parse::<f64>().ok().filter(|x| x.is_finite());
    match word.split_once('/') {
        Some((above, below)) => plain(above).zip(plain(below).filter(|x| *x != 0.0)).map(|(a, b)| a / b),
        None => plain(word),
    }
}

/// So that it is read as the same number, or as one that is the same within 10⁻⁶.
fn written(x: f64) -> String {
    let whole = |d: f64| (x * d - (x * d).round()).abs() < 1e-7;
    for d in [3.0, 6.0, 12.0] {
        if whole(d) && !whole(1.0) && !whole(4.0) {
            return format!("{}/{d}", (x * d).round() + 0.0);
        }
    }
    let text = format!("{x:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// “½ 0 −¼”.
fn numbers_as_label(hkl: &Vector3<f64>) -> String {
    const FRACTIONS: [(&str, f64); 9] = [
        ("½", 0.5),
        ("⅓", 1.0 / 3.0),
        ("⅔", 2.0 / 3.0),
        ("¼", 0.25),
        ("¾", 0.75),
        ("⅙", 1.0 / 6.0),
        ("⅚", 5.0 / 6.0),
        ("⅛", 0.125),
        ("⅜", 0.375),
    ];
    let one = |x: &f64| {
        let sign = if *x < -SAME { "−" } else { "" };
        let fraction = FRACTIONS.iter().find(|(_, value)| (x.abs() - value).abs() < 1e-4);
        let plain = || {
            let text = format!("{:.3}", x.abs());
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        format!("{sign}{}", fraction.map_or_else(plain, |(letter, _)| (*letter).to_owned()))
    };
    hkl.iter().map(one).collect::<Vec<_>>().join(" ")
}
