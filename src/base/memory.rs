//! How much memory a model may take: said before any of it is taken.

use crate::{Error, Result};

/// The most that one model may hold, bytes. A page has 4 GB of addresses at most, and they cannot all be
/// had at once.
const LIMIT: f64 = if cfg!(target_arch = "wasm32") { 1.0e9 } else { 1.5e9 };

/// Refuses more bytes than there are: `what` takes them, `mend` says what would take fewer.
///
/// # Errors
/// More than the limit.
pub fn check(bytes: f64, what: &str, mend: &str) -> Result<()> {
    if bytes <= LIMIT {
        return Ok(());
    }
    let written = |bytes: f64| format!("{:.1} GB", bytes / 1e9);
    Err(Error::value(
        format!("{what} need {} of memory", written(bytes)),
        format!("at most {}: {mend}", written(LIMIT)),
    ))
}
