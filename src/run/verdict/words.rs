//! Numbers and names as the sentences of a verdict have them.

use crate::base::order::sort_by;

/// The largest components of a combination by name.
pub(super) fn combination(labels: &[String], weights: &[f64]) -> String {
    let mut parts: Vec<(&str, f64)> =
        labels.iter().map(String::as_str).zip(weights.iter().copied()).collect();
    sort_by(&mut parts, |a, b| b.1.abs().total_cmp(&a.1.abs()));
    let names: Vec<&str> = parts.iter().filter(|p| p.1.abs() > 0.3).take(4).map(|p| p.0).collect();
    names.join(" with ")
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

pub(super) fn point(hkl: [f64; 3]) -> String {
    let [h, k, l] = hkl.map(|x| format!("{}", (x * 1e4).round() / 1e4));
    format!("hkl {h} {k} {l}")
}

pub(super) fn percent(x: f64) -> String {
    if x > 0.999 && x < 1.0 { "over 99.9 %".into() } else { format!("{} %", brief(100.0 * x)) }
}

/// A ratio before what it refers to: “77 % of”, “30 times”.
pub(super) fn times(x: f64) -> String {
    if x < 10.0 { format!("{} of", percent(x)) } else { format!("{} times", brief(x)) }
}

/// Two digits, or three from a hundred on.
pub(super) fn brief(x: f64) -> String {
    match x.abs() {
        a if a >= 1e6 || (a > 0.0 && a < 1e-3) => format!("{x:.1e}"),
        a if a >= 100.0 => count(x.abs().round() as usize),
        a if a >= 10.0 => format!("{x:.0}"),
        a if a >= 1.0 => format!("{x:.1}"),
        a if a >= 0.1 => format!("{x:.2}"),
        a if a >= 0.01 => format!("{x:.3}"),
        _ => format!("{x:.4}"),
    }
}

/// Thousands apart by a narrow space.
pub(super) fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && digits.len() > 4 {
            out.push('\u{202f}');
        }
        out.push(d);
    }
    out
}
