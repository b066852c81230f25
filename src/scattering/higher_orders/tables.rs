//! Phases of lattice vectors as products of those along three axes.

use nalgebra::{Matrix3, Vector3};

use crate::lanes::{InRegisters, LANES, Lanes, REGISTERS, multiply, same};

/// cos and sin of n a_a·Q for each axis and every n within reach.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    reach: [usize; 3],
    axes: [Vec<[Lanes; 2]>; 3],
}

impl Tables {
    /// At the wave vectors `q`; `reach`: the largest |n| of each axis.
    pub fn fill(&mut self, lattice: &Matrix3<f64>, reach: [usize; 3], q: &[Lanes; 3]) {
        self.reach = reach;
        for (axis, table) in self.axes.iter_mut().enumerate() {
            let reach = reach[axis];
            table.resize(2 * reach + 1, [[0.0; LANES]; 2]);
            let a = lattice.column(axis);
            let (mut cos, mut sin) = ([0.0; LANES], [0.0; LANES]);
            for l in 0..LANES {
                (sin[l], cos[l]) = (q[0][l] * a[0] + q[1][l] * a[1] + q[2][l] * a[2]).sin_cos();
            }
            let (mut c, mut s) = ([1.0; LANES], [0.0; LANES]);
            for n in 0..=reach {
                let mut minus = s;
                multiply(&mut minus, &[-1.0; LANES]);
                table[reach + n] = [c, s];
                table[reach - n] = [c, minus];
                [c, s] = product([&c, &s], [&cos, &sin]);
            }
        }
    }

    /// cos and sin of n a_a·Q.
    #[inline(always)]
    pub fn along(&self, axis: usize, n: i32) -> [&Lanes; 2] {
        let [cos, sin] = &self.axes[axis][(self.reach[axis] as i32 + n) as usize];
        [cos, sin]
    }

    /// cos and sin of (n₁a₁ + n₂a₂)·Q.
    #[cfg(feature = "sampled")]
    pub fn in_plane(&self, n: &Vector3<i32>) -> [Lanes; 2] {
        product(self.along(0, n[0]), self.along(1, n[1]))
    }

    /// `weight` times cos and sin of (n₁a₁ + n₂a₂ + n₃a₃)·Q, in so many registers.
    pub fn of(&self, n: &Vector3<i32>, weight: f64, registers: usize, cos: &mut Lanes, sin: &mut Lanes) {
        let (x, y, z) = (self.along(0, n[0]), self.along(1, n[1]), self.along(2, n[2]));
        let weight = same(weight);
        for i in 0..registers.min(REGISTERS) {
            let (c, s) = (x[0].register(i), x[1].register(i));
            let (d, t) = (y[0].register(i), y[1].register(i));
            let (c, s) = (weight * (c * d - s * t), weight * (c * t + s * d));
            let (d, t) = (z[0].register(i), z[1].register(i));
            cos.set_register(i, c * d - s * t);
            sin.set_register(i, c * t + s * d);
        }
    }
}

/// cos and sin of the sum of two angles.
#[inline(always)]
fn product(x: [&Lanes; 2], y: [&Lanes; 2]) -> [Lanes; 2] {
    let [mut cos, mut sin] = [[0.0; LANES]; 2];
    for i in 0..REGISTERS {
        // Written out: `map` is a call where the compiler optimises for size.
        let (c, s) = (x[0].register(i), x[1].register(i));
        let (d, t) = (y[0].register(i), y[1].register(i));
        cos.set_register(i, c * d - s * t);
        sin.set_register(i, c * t + s * d);
    }
    [cos, sin]
}
