//! From intensities to force constants: weighted residuals, linear nuisances, Levenberg–Marquardt
//! on streamed normal equations, covariance and what the data do not determine. No files, no
//! pixels on screen.

mod gram;
mod levenberg_marquardt;
mod problem;
mod uncertainty;

pub use gram::Gram;
pub use levenberg_marquardt::{Options, Progress, Session, TerminationReason};
pub use problem::{Background, DataTerm, Evaluation, Likelihood, Nuisances, Problem, Scale};
pub use uncertainty::{Combination, UNDETERMINED, Uncertainty};
