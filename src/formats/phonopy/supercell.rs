//! Supercells with the order of atoms that phonopy uses.
//!
//! The columns of a supercell matrix are the supercell's lattice vectors in units of the unit cell's:
//! `(a_s, b_s, c_s) = (a, b, c) M`.

use std::collections::HashMap;

use nalgebra::{Matrix3, Vector3};

use crate::crystal::Cell;

/// Larger supercells, or matrices whose bounding box holds more lattice points, are refused.
const MOST_POINTS: i128 = 1_000_000;

/// The supercell of `unit` in phonopy's order: all images of the first atom, then those of the second, …
///
/// Images follow each other as the lattice points of the box around the supercell do, the first axis running
/// fastest; of points that are equal in the supercell the first counts. `Err` says what is wrong with the matrix.
pub fn phonopy_supercell(unit: &Cell, matrix: &Matrix3<i32>) -> Result<Cell, String> {
    let points = lattice_points(matrix)?;
    if (points.len() * unit.len()) as i128 > MOST_POINTS {
        return Err(format!("the supercell has {} × {} atoms", points.len(), unit.len()));
    }
    let transform = matrix.map(f64::from);
    // The matrix is regular here: `lattice_points` refuses any other.
    let inverse = transform.try_inverse().ok_or("the supercell matrix spans no volume")?;
    let lattice = unit.lattice * transform;
    let mut cell = Cell { lattice, symbols: vec![], positions: vec![], masses: vec![] };
    for atom in 0..unit.len() {
        for point in &points {
            let position = inverse * (unit.positions[atom] + point);
            cell.positions.push(position.map(|x| x - x.floor()));
            cell.symbols.push(unit.symbols[atom].clone());
            cell.masses.push(unit.masses[atom]);
        }
    }
    Ok(cell)
}

/// How many unit cells a supercell holds, the determinant of its matrix; `Err` says why it is none.
pub fn multiplicity(matrix: &Matrix3<i32>) -> Result<usize, String> {
    let [a, b, c] = [0, 1, 2].map(|column| widen(matrix, column));
    let determinant = dot(a, cross(b, c));
    match usize::try_from(determinant) {
        Ok(n) if n > 0 && determinant <= MOST_POINTS => Ok(n),
        _ => Err(format!("the supercell matrix has the determinant {determinant}")),
    }
}

/// One lattice point of the unit cell for each unit cell in the supercell.
fn lattice_points(matrix: &Matrix3<i32>) -> Result<Vec<Vector3<f64>>, String> {
    let count = multiplicity(matrix)?;
    let columns = [0, 1, 2].map(|column| widen(matrix, column));
    let [a, b, c] = columns;
    // Two points are equal in the supercell when their products with the rows of the adjugate
    // (det M · M⁻¹, all integers) are equal modulo det M.
    let adjugate = [cross(b, c), cross(c, a), cross(a, b)];
    let frame = [0, 1, 2].map(|axis| {
        let lengths = columns.map(|column| column[axis]);
        lengths.iter().map(|&x| x.max(0)).sum::<i128>() - lengths.iter().map(|&x| x.min(0)).sum::<i128>()
    });
    if frame.iter().product::<i128>() > MOST_POINTS {
        return Err(format!(
            "the supercell matrix is too oblique: its box is {} × {} × {} cells",
            frame[0], frame[1], frame[2]
        ));
    }
    // A map of these as elsewhere: one copy of its code. The classes are below `count`.
    let mut seen: HashMap<[i64; 3], usize> = HashMap::new();
    let mut points = Vec::with_capacity(count);
    for z in 0..frame[2] {
        for y in 0..frame[1] {
            for x in 0..frame[0] {
                let class = adjugate.map(|row| dot(row, [x, y, z]).rem_euclid(count as i128) as i64);
                if seen.insert(class, 0).is_none() {
                    points.push(Vector3::new(x as f64, y as f64, z as f64));
                }
            }
        }
    }
    if points.len() == count {
        Ok(points)
    } else {
        Err("the supercell matrix does not tile space with the unit cell".to_owned())
    }
}

/// A column in numbers wide enough that products of three entries cannot overflow.
fn widen(matrix: &Matrix3<i32>, column: usize) -> [i128; 3] {
    [0, 1, 2].map(|row| i128::from(matrix[(row, column)]))
}

fn cross(a: [i128; 3], b: [i128; 3]) -> [i128; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn dot(a: [i128; 3], b: [i128; 3]) -> i128 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hydrogen() -> Cell {
        Cell {
            lattice: Matrix3::identity(),
            symbols: vec!["H".into()],
            positions: vec![Vector3::zeros()],
            masses: vec![1.0],
        }
    }

    #[test]
    fn matrices_that_make_no_supercell_are_refused() {
        let m = i32::MAX;
        for matrix in [
            Matrix3::zeros(),
            Matrix3::from_diagonal(&Vector3::new(1, 1, -1)),
            Matrix3::from_diagonal(&Vector3::new(1000, 1000, 1000)),
            Matrix3::new(1, m, 0, 0, 1, m, 0, 0, 1),
            Matrix3::repeat(m),
            Matrix3::repeat(i32::MIN),
        ] {
            assert!(phonopy_supercell(&hydrogen(), &matrix).is_err(), "{matrix}");
        }
    }

    #[test]
    fn the_first_axis_runs_fastest() {
        let cell = phonopy_supercell(&hydrogen(), &Matrix3::from_diagonal(&Vector3::new(2, 2, 1))).unwrap();
        let expected = [[0.0, 0.0], [0.5, 0.0], [0.0, 0.5], [0.5, 0.5]];
        for (position, [x, y]) in cell.positions.iter().zip(expected) {
            assert_eq!(*position, Vector3::new(x, y, 0.0));
        }
    }
}
