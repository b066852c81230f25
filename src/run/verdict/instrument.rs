//! Reasons that the instrument gives: what the data may hold and the model does not.

use super::words::{brief, count, percent};
use super::{Trust, Writer};

/// A change of an elastic constant from so much on is worth a word.
const MATTERS: f64 = 0.02;
/// So many are listed.
const LISTED: usize = 5;
/// From so much on it spoils the fit where the residuals show its cause.
const SPOILS: f64 = 0.03;

impl Writer<'_> {
    /// What the model leaves out, seen or not.
    pub(super) fn instrument(&mut self) {
        let Some(found) = self.evidence.systematics.clone() else { return };
        let moved = |(name, x): &(String, f64), signed: bool| {
            let sign = if !signed {
                "±"
            } else if *x > 0.0 {
                "+"
            } else {
                "−"
            };
            // Beyond that a first order says no more.
            if x.abs() > 0.5 {
                format!("{name} by more than half")
            } else {
                format!("{name} {sign}{}", percent(x.abs()))
            }
        };
        // Shapes are alike: the one that mends most stands for those that the residuals show.
        let seen = |c: &crate::run::systematics::Cause| c.drop > 25.0 && c.found.abs() > 5.0 * c.sigma;
        let most = found.causes.iter().filter(|c| seen(c) && (c.found > 0.0 || !c.signed));
        if let Some(cause) = most.max_by(|a, b| a.drop.total_cmp(&b.drop)) {
            let change = cause.elastic.as_ref().map(|(name, x)| (name.clone(), x * cause.found));
            let size = change.as_ref().map_or(0.0, |c| c.1.abs());
            let does =
                change.map_or(String::new(), |c| format!(" Without it they move {}.", moved(&c, true)));
            self.say(
                "instrument",
                if size > SPOILS { Trust::None } else { Trust::Limited },
                format!("the residuals ask for {}", cause.name),
                format!(
                    "The residuals ask for {}: {} times as much as assumed would lower χ² by {}.{does} See {}.",
                    cause.name,
                    brief(cause.found),
                    count(cause.drop.round() as usize),
                    cause.mend
                ),
            );
        }
        if let Some(rings) = found.rings.as_ref().filter(|c| seen(c)) {
            let change = rings.elastic.as_ref().map(|(name, x)| (name.clone(), x * rings.found));
            let size = change.as_ref().map_or(0.0, |c| c.1.abs());
            let does = change
                .map_or(String::new(), |c| format!(" Without them the constants move {}.", moved(&c, true)));
            self.say(
                "rings",
                if size > SPOILS { Trust::None } else { Trust::Limited },
                format!("the residuals show {}", rings.name),
                format!(
                    "The residuals show {}, which would lower χ² by {}.{does} Add to {}.",
                    rings.name,
                    count(rings.drop.round() as usize),
                    rings.mend
                ),
            );
        }
        if found.unseen {
            self.say(
                "resolution-unseen",
                Trust::Limited,
                "whether averages over voxels matter was not looked at",
                "Whether averages over voxels matter was not looked at: for so many atoms and data it would take longer than the \
                 fit. Give measurement.resolution, which has them in the model, or say that the data are ideal (data[].ideal).",
            );
        }
        for part in &found.parts {
            let size = part.elastic.as_ref().map_or(0.0, |e| e.1.abs());
            if part.in_sigma > 4.0 && size > 0.01 {
                let change = part.elastic.as_ref().map_or(String::new(), |e| format!(", {}", moved(e, true)));
                self.say(
                    part.code,
                    if size > 0.05 { Trust::None } else { Trust::Limited },
                    format!("the data {} ask for other constants", part.name),
                    format!(
                        "The data {} ask for other constants ({} σ{change}): {}.",
                        part.name,
                        brief(part.in_sigma),
                        part.mend
                    ),
                );
            }
        }
        let change = |c: &crate::run::systematics::Cause| {
            let (name, x) = c.elastic.clone()?;
            Some((name, x * c.possible))
        };
        let hidden: Vec<_> = found
            .causes
            .iter()
            .filter(|c| c.in_sigma > 2.0 && change(c).is_some_and(|e| e.1.abs() > MATTERS))
            .take(LISTED)
            .collect();
        if !hidden.is_empty() {
            let list: Vec<String> = hidden
                .iter()
                .map(|c| format!("{} ({})", c.name, change(c).map_or(String::new(), |e| moved(&e, c.signed))))
                .collect();
            let mut mends: Vec<&str> = hidden.iter().map(|c| c.mend.as_str()).collect();
            mends.dedup();
            self.say(
                "systematic",
                Trust::Limited,
                "what an instrument adds is not all in the model",
                format!(
                    "Not in the model, and as much as this the residuals do not exclude: {}. Add what the data hold ({}), or say that they are ideal \
                     (data[].ideal) where they are corrected for it.",
                    list.join("; "),
                    mends.join("; ")
                ),
            );
        }
    }
}
