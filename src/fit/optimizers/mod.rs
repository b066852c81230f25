//! Three ways to lower the misfit, behind one session.

pub(super) mod adam;
pub(super) mod lbfgs;
pub(super) mod levenberg_marquardt;
