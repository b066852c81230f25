//! cos q·v and sin q·v of many lattice vectors v at a block of wave vectors q.
//!
//! v = Σ_a n_a a_a + o with few offsets o between atoms: three sines and cosines of the primitive vectors and one of each
//! offset give all others by products, e^{i(α+β)} = e^{iα} e^{iβ}, each exact to some roundings.

use nalgebra::{Matrix3, Vector3};

use crate::lanes::{InRegisters, LANES, Lanes, REGISTERS};

/// cos and sin of one phase at every lane.
type Turn = [Lanes; 2];

const NO_TURN: Turn = [[1.0; LANES], [0.0; LANES]];

/// A vector as a cell and an offset.
#[derive(Debug, Clone, Copy)]
struct Place {
    cell: [i32; 3],
    /// Its number; `None` for a lattice vector.
    offset: Option<usize>,
}

/// The vectors whose phases are wanted.
#[derive(Debug, Clone)]
pub(super) struct Phases {
    lattice: Matrix3<f64>,
    offsets: Vec<Vector3<f64>>,
    places: Vec<Place>,
    /// Largest |n_a| of each axis.
    reach: [usize; 3],
}

/// Room for the phases of one block.
#[derive(Default)]
pub(super) struct Turns {
    /// 1, e^{iq·a}, e^{2iq·a} … of each axis.
    powers: [Vec<Turn>; 3],
    offsets: Vec<Turn>,
    /// The phase of each vector.
    pub all: Vec<Turn>,
}

impl Phases {
    /// `lattice`: primitive vectors as columns, Å; `vectors`: each with its cell.
    pub fn new(lattice: Matrix3<f64>, vectors: &[(Vector3<f64>, Vector3<i32>)]) -> Self {
        let mut phases = Phases { lattice, offsets: vec![], places: vec![], reach: [0; 3] };
        for (vector, cell) in vectors {
            let offset = vector - lattice * cell.map(f64::from);
            let number = (offset.amax() > 1e-9).then(|| {
                let same = phases.offsets.iter().position(|known| (known - offset).amax() < 1e-9);
                same.unwrap_or_else(|| {
                    phases.offsets.push(offset);
                    phases.offsets.len() - 1
                })
            });
            for (reach, n) in phases.reach.iter_mut().zip(cell.iter()) {
                *reach = (*reach).max(n.unsigned_abs() as usize);
            }
            phases.places.push(Place { cell: (*cell).into(), offset: number });
        }
        phases
    }

    /// The phase of every vector at the wave vector `q(lane)` of each lane, Å⁻¹.
    pub fn fill(&self, q: impl Fn(usize) -> Vector3<f64>, turns: &mut Turns) {
        let q: [Vector3<f64>; LANES] = std::array::from_fn(q);
        let turn = |vector: &Vector3<f64>| -> Turn {
            let mut turn = NO_TURN;
            for (lane, q) in q.iter().enumerate() {
                (turn[1][lane], turn[0][lane]) = q.dot(vector).sin_cos();
            }
            turn
        };
        for (axis, powers) in turns.powers.iter_mut().enumerate() {
            powers.clear();
            powers.push(NO_TURN);
            if self.reach[axis] > 0 {
                powers.push(turn(&self.lattice.column(axis).into_owned()));
            }
            for n in 2..=self.reach[axis] {
                // Halves keep the number of roundings low.
                let mut product = powers[n / 2];
                turned(&mut product, &powers[n - n / 2], false);
                powers.push(product);
            }
        }
        turns.offsets.clear();
        turns.offsets.extend(self.offsets.iter().map(turn));
        turns.all.clear();
        for place in &self.places {
            let mut all = place.offset.map_or(NO_TURN, |number| turns.offsets[number]);
            for (powers, n) in turns.powers.iter().zip(place.cell) {
                if n != 0 {
                    turned(&mut all, &powers[n.unsigned_abs() as usize], n < 0);
                }
            }
            turns.all.push(all);
        }
    }
}

/// Multiplies e^{iα} by e^{±iβ}.
fn turned(turn: &mut Turn, by: &Turn, back: bool) {
    let [cosine, sine] = turn;
    for i in 0..REGISTERS {
        let (c, s, x) = (cosine.register(i), sine.register(i), by[0].register(i));
        let y = if back { -by[1].register(i) } else { by[1].register(i) };
        cosine.set_register(i, c * x - s * y);
        sine.set_register(i, c * y + s * x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_the_sines_and_cosines_themselves() {
        let lattice = Matrix3::new(3.1, 0.2, -0.4, 0.0, 2.9, 0.7, 0.3, 0.0, 4.1);
        let offsets = [Vector3::zeros(), Vector3::new(0.71, -1.3, 0.9), Vector3::new(-0.2, 0.4, 1.1)];
        let mut vectors = vec![];
        for n in 0..200_i32 {
            let cell = Vector3::new(n % 7 - 3, n % 11 - 5, n % 5 - 2);
            vectors.push((lattice * cell.map(f64::from) + offsets[n as usize % 3], cell));
        }
        let phases = Phases::new(lattice, &vectors);
        let q = |lane: usize| Vector3::new(0.37, -0.21, 0.53) * (lane as f64 - 9.0);
        let mut turns = Turns::default();
        phases.fill(q, &mut turns);
        for ((vector, _), turn) in vectors.iter().zip(&turns.all) {
            for lane in 0..LANES {
                let (sine, cosine) = q(lane).dot(vector).sin_cos();
                assert!((turn[0][lane] - cosine).abs() < 1e-13 && (turn[1][lane] - sine).abs() < 1e-13);
            }
        }
    }
}
