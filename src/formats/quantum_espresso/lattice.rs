//! The lattices that Quantum ESPRESSO numbers by `ibrav`, in units of `celldm(1)`.
//!
//! <https://www.quantum-espresso.org/Doc/INPUT_PW.html>, under `ibrav`; `Modules/latgen.f90`.

use nalgebra::{Matrix3, Vector3};

/// The three vectors as columns; `celldm[1]` = b/a, `celldm[2]` = c/a, then the cosines. None for numbers that are
/// no lattice.
pub fn vectors(ibrav: i64, celldm: &[f64; 6]) -> Option<Matrix3<f64>> {
    let [_, b, c, d4, d5, d6] = *celldm;
    let rows = |rows: [[f64; 3]; 3]| Matrix3::from_fn(|i, j| rows[j][i]);
    let root = |x: f64| (x > 0.0).then(|| x.sqrt());
    let needs_b = matches!(ibrav, 8..=14 | -9 | -12 | -13 | 91);
    let needs_c = needs_b || matches!(ibrav, 4 | 6 | 7);
    if (needs_b && b <= 0.0) || (needs_c && c <= 0.0) {
        return None;
    }
    Some(match ibrav {
        1 => Matrix3::identity(),
        2 => rows([[-0.5, 0.0, 0.5], [0.0, 0.5, 0.5], [-0.5, 0.5, 0.0]]),
        3 => rows([[0.5, 0.5, 0.5], [-0.5, 0.5, 0.5], [-0.5, -0.5, 0.5]]),
        -3 => rows([[-0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.5, 0.5, -0.5]]),
        4 => rows([[1.0, 0.0, 0.0], [-0.5, 0.75_f64.sqrt(), 0.0], [0.0, 0.0, c]]),
        5 | -5 => {
            let tx = root((1.0 - d4) / 2.0)?;
            let ty = root((1.0 - d4) / 6.0)?;
            let tz = root((1.0 + 2.0 * d4) / 3.0)?;
            if ibrav == 5 {
                rows([[tx, -ty, tz], [0.0, 2.0 * ty, tz], [-tx, -ty, tz]])
            } else {
                // The threefold axis along (1 1 1).
                let u = (tz - 8.0_f64.sqrt() * ty) / 3.0_f64.sqrt();
                let v = (tz + 2.0_f64.sqrt() * ty) / 3.0_f64.sqrt();
                rows([[u, v, v], [v, u, v], [v, v, u]])
            }
        }
        6 => rows([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, c]]),
        7 => rows([[0.5, -0.5, c / 2.0], [0.5, 0.5, c / 2.0], [-0.5, -0.5, c / 2.0]]),
        8 => rows([[1.0, 0.0, 0.0], [0.0, b, 0.0], [0.0, 0.0, c]]),
        9 => rows([[0.5, b / 2.0, 0.0], [-0.5, b / 2.0, 0.0], [0.0, 0.0, c]]),
        -9 => rows([[0.5, -b / 2.0, 0.0], [0.5, b / 2.0, 0.0], [0.0, 0.0, c]]),
        91 => rows([[1.0, 0.0, 0.0], [0.0, b / 2.0, -c / 2.0], [0.0, b / 2.0, c / 2.0]]),
        10 => rows([[0.5, 0.0, c / 2.0], [0.5, b / 2.0, 0.0], [0.0, b / 2.0, c / 2.0]]),
        11 => rows([[0.5, b / 2.0, c / 2.0], [-0.5, b / 2.0, c / 2.0], [-0.5, -b / 2.0, c / 2.0]]),
        12 => {
            let sine = root(1.0 - d4 * d4)?;
            rows([[1.0, 0.0, 0.0], [b * d4, b * sine, 0.0], [0.0, 0.0, c]])
        }
        -12 => {
            let sine = root(1.0 - d5 * d5)?;
            rows([[1.0, 0.0, 0.0], [0.0, b, 0.0], [c * d5, 0.0, c * sine]])
        }
        13 => {
            let sine = root(1.0 - d4 * d4)?;
            rows([[0.5, 0.0, -c / 2.0], [b * d4, b * sine, 0.0], [0.5, 0.0, c / 2.0]])
        }
        -13 => {
            let sine = root(1.0 - d5 * d5)?;
            rows([[0.5, b / 2.0, 0.0], [-0.5, b / 2.0, 0.0], [c * d5, 0.0, c * sine]])
        }
        14 => {
            let sine = root(1.0 - d6 * d6)?;
            let y = (d4 - d5 * d6) / sine;
            let z = root(1.0 - d5 * d5 - y * y)?;
            Matrix3::from_columns(&[
                Vector3::new(1.0, 0.0, 0.0),
                Vector3::new(b * d6, b * sine, 0.0),
                Vector3::new(c * d5, c * y, c * z),
            ])
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lattices_have_their_volumes_and_angles() {
        let parameters = [10.0, 1.3, 1.7, 0.2, 0.1, -0.3];
        let (b, c) = (1.3, 1.7);
        let third = |x: f64| (1.0 - 3.0 * x * x + 2.0 * x * x * x).sqrt();
        for (ibrav, volume) in [
            (1, 1.0),
            (2, 0.25),
            (3, 0.5),
            (-3, 0.5),
            (4, 0.75_f64.sqrt() * c),
            (5, third(0.2)),
            (-5, third(0.2)),
            (6, c),
            (7, c / 2.0),
            (8, b * c),
            (9, b * c / 2.0),
            (-9, b * c / 2.0),
            (91, b * c / 2.0),
            (10, b * c / 4.0),
            (11, b * c / 2.0),
            (12, b * c * 0.96_f64.sqrt()),
            (-12, b * c * 0.99_f64.sqrt()),
            (13, b * c / 2.0 * 0.96_f64.sqrt()),
            (-13, b * c / 2.0 * 0.99_f64.sqrt()),
            (14, b * c * (1.0_f64 - 0.04 - 0.01 - 0.09 + 2.0 * 0.2 * 0.1 * -0.3).sqrt()),
        ] {
            let found = vectors(ibrav, &parameters).unwrap();
            assert!((found.determinant().abs() - volume).abs() < 1e-12, "ibrav {ibrav}");
        }
        for rhombohedral in [5, -5] {
            let v = vectors(rhombohedral, &parameters).unwrap();
            for (i, j) in [(0, 1), (1, 2), (2, 0)] {
                assert!((v.column(i).dot(&v.column(j)) - 0.2).abs() < 1e-12);
                assert!((v.column(i).norm() - 1.0).abs() < 1e-12);
            }
        }
        assert_eq!(vectors(15, &parameters), None);
        assert_eq!(vectors(8, &[10.0, 0.0, 1.0, 0.0, 0.0, 0.0]), None);
        assert_eq!(vectors(12, &[10.0, 1.0, 1.0, 2.0, 0.0, 0.0]), None);
    }
}
