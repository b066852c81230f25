//! From intensities to force constants: weighted residuals, linear nuisances, three optimizers behind
//! one resumable session, covariance and what the data do not determine. No files, no pixels on
//! screen.

mod adam;
mod gram;
mod lbfgs;
mod levenberg_marquardt;
mod objective;
mod pooled;
mod problem;
pub mod residuals;
mod sampled_term;
mod score;
mod session;
mod spectrum;
mod term;
mod uncertainty;

pub use adam::{AdamOptions, Coordinates, RandomNumbers};
pub use gram::Gram;
pub use pooled::Datum;
pub use problem::{Evaluation, Problem};
pub use sampled_term::SampledTerm;
pub use score::{Score, ScoreTest};
pub use session::{Method, Options, Progress, Session, TerminationReason};
pub use spectrum::{Spectrum, UNDETERMINED};
pub use term::{Background, DataTerm, Likelihood, Nuisances, Scale};
pub use uncertainty::{Combination, Uncertainty};
