//! Every point is summed with those that share its wave vector, however few they are: the package that has everything sums
//! others one by one, and takes jobs of many such points.

use nalgebra::{DMatrix, Matrix3};

use super::{HigherJacobian, HigherOrders, HigherState, Part};
use crate::base::parallel::Pool;
use crate::lanes::{Lanes, Packed};
use crate::scattering::Points;
use crate::thermal::MeanSquareValue;

impl HigherOrders {
    pub(super) async fn each_by_itself(
        &self,
        _: &Pool,
        _: &Points,
        _: usize,
        _: &MeanSquareValue,
        _: &HigherState,
        _: Part,
    ) -> Vec<Lanes> {
        vec![]
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) async fn rows_of_each(
        &self,
        _: &Pool,
        _: &Points,
        _: usize,
        _: &[Vec<Matrix3<f64>>],
        _: &MeanSquareValue,
        _: &HigherState,
        _: &DMatrix<f64>,
    ) -> HigherJacobian {
        HigherJacobian::default()
    }

    pub(super) async fn pull_each(
        &self,
        _: &Pool,
        _: &Points,
        _: &MeanSquareValue,
        _: &HigherState,
        _: &[f64],
    ) -> Vec<(Vec<Packed>, Vec<Packed>)> {
        vec![]
    }
}
