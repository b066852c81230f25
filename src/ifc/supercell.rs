use crate::crystal::Cell;
use nalgebra::Matrix3;
#[derive(Debug, Clone, PartialEq)]
pub struct SupercellForceConstants {
    pub unit_cell: Cell,
    pub supercell: Cell,
    pub supercell_matrix: Matrix3<i32>,
    pub primitive: Option<Cell>,
    pub rows: Vec<usize>,
    pub phi: Vec<Matrix3<f64>>,
}
