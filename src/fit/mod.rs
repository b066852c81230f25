//! From intensities to force constants: weighted residuals, linear nuisances, three optimizers behind
//! one resumable session, covariance and what the data do not determine. No files, no pixels on
//! screen.

mod calibration;
mod chart;
mod gram;
mod likelihood;
mod link;
mod measurement;
mod normal_equations;
mod objective;
mod optimizers;
mod pass;
mod prior;
mod problem;
pub mod residuals;
#[cfg_attr(not(feature = "sampled"), allow(dead_code, unused_variables, unreachable_code))]
mod sampled_term;
mod score;
mod sensitivity;
mod session;
mod several;
mod sharing;
mod spectrum;
mod standing;
mod term;
mod uncertainty;

pub use calibration::Calibration;
pub use chart::{Chart, Tangent};
pub use gram::Gram;
pub use likelihood::Datum;
pub use measurement::{Background, Effect, FreeWord, Known, Measurement, Nuisances, Place, Prior, Scale};
pub use normal_equations::{Evaluation, Linearisation};
pub use optimizers::adam::{AdamOptions, Coordinates, RandomNumbers};
pub use prior::{Pseudo, PseudoDatum, Quantity};
pub use problem::Problem;
pub use sampled_term::SampledTerm;
pub use score::{Score, ScoreTest};
pub use session::{Method, Options, Progress, Session, TerminationReason};
pub use spectrum::{Spectrum, UNDETERMINED};
pub use standing::{Standing, Start};
pub use term::{DataTerm, Likelihood, Slopes};
pub use uncertainty::{Combination, Uncertainty};
