//! The long-wave limit: acoustic stiffness along a direction and elastic constants.
//!
//! M. Born & K. Huang, *Dynamical Theory of Crystal Lattices* (1954), §26–27: with Φ(q) = Φ⁰ + i Φ¹·q
//! − ½ Φ²:qq, brackets [αβ,γλ] from Φ², internal strain (αγ,βλ) condensed by the pseudo-inverse of Φ⁰,
//! C_αγβλ = [αβ,γλ] + [βγ,αλ] − [βλ,αγ] + (αγ,βλ).

use nalgebra::{DMatrix, Matrix3, Matrix6, Vector3};

use crate::base::order::order_by;
use crate::ifc::{ForceConstants, LinearForceConstants};
use crate::lanes::{PACKED, PACKED_COUNT, Packed, pack_tensor};
use crate::units::GPA_PER_EV_A3;

/// Second-order expansion of the acoustic branches about q = 0.
#[derive(Debug, Clone)]
pub struct LongWave {
    /// K_αβ(n̂) = Σ_γλ `stiffness[γ][λ]`_αβ n_γ n_λ, eV: Φ_acoustic(q) ≈ K q².
    stiffness: [[Matrix3<f64>; 3]; 3],
    /// [αβ,γλ]·V without internal strain, as `bare[γ][λ]`_αβ, eV.
    bare: [[Matrix3<f64>; 3]; 3],
    /// Smallest eigenvalue of Φ(0) apart from the three translations, eV/Å²; infinite for one atom.
    pub optical: f64,
    /// Largest element of Σ Φ_αβ r_γ over all pairs, eV/Å: the term of the acoustic branches that is
    /// linear in q. Rotational invariance makes it vanish, and so does any symmetry but that of a polar or
    /// chiral crystal; there, constants that obey the translational sum rule alone may leave it, and ω²
    /// then turns negative close to Γ.
    pub linear: f64,
    /// Σ Φ_αβ r_γ itself, one matrix for each γ: antisymmetric.
    linear_terms: [Matrix3<f64>; 3],
    /// The field of long waves in a polar crystal.
    field: Option<Field>,
}

/// What the macroscopic field that a wave makes in a polar crystal adds to its stiffness: with p = Σ n_γ n_λ P_βγλ the
/// polarisation that strain leaves after the atoms have relaxed and χ that of the atoms themselves,
/// K_αβ grows by e²/ε₀V p_α p_β / (n·ε·n + e²/ε₀V n·χ·n).
#[derive(Debug, Clone)]
struct Field {
    /// e²/ε₀V, eV/Å².
    prefactor: f64,
    dielectric: Matrix3<f64>,
    /// Σ Z_sᵀ Φ⁻¹ (force per strain): rows 3β + γ, columns λ, Å.
    polarisation: DMatrix<f64>,
    /// Σ Z_sᵀ Φ⁻¹ Z_s', Å²/eV.
    susceptibility: Matrix3<f64>,
}

impl Field {
    fn along(&self, n: &Vector3<f64>) -> Matrix3<f64> {
        let p = Vector3::from_fn(|b, _| {
            (0..9).map(|k| self.polarisation[(3 * b + k / 3, k % 3)] * n[k / 3] * n[k % 3]).sum()
        });
        let screened = n.dot(&(self.dielectric * n)) + self.prefactor * n.dot(&(self.susceptibility * n));
        p * p.transpose() * (self.prefactor / screened)
    }
}

/// aᵀ K(n)⁻¹ a, with which the intensity of acoustic waves goes near a Bragg peak.
pub struct AcousticForm<'a> {
    wave: &'a LongWave,
    /// K, packed, of each product n_γ n_λ.
    elastic: [Packed; 6],
}

impl AcousticForm<'_> {
    /// aᵀ K(n)⁻¹ a, 1/eV times the units of a²/n²; `None` where K is singular.
    pub fn at(&self, n: &Vector3<f64>, a: &Vector3<f64>) -> Option<f64> {
        let mut k = [0.0; 6];
        for (&(g, l), row) in PACKED.iter().zip(&self.elastic) {
            let product = n[g] * n[l];
            k.iter_mut().zip(row).for_each(|(k, x)| *k += product * x);
        }
        if let (Some(field), true) = (&self.wave.field, cfg!(feature = "polar")) {
            k.iter_mut().zip(pack_tensor(&field.along(n))).for_each(|(k, x)| *k += x);
        }
        let [xx, yy, zz, xy, xz, yz] = k;
        let (c_xx, c_yy, c_zz) = (yy * zz - yz * yz, xx * zz - xz * xz, xx * yy - xy * xy);
        let (c_yz, c_xz, c_xy) = (xy * xz - xx * yz, xy * yz - yy * xz, xz * yz - zz * xy);
        let determinant = xx * c_xx + xy * c_xy + xz * c_xz;
        let form = a.x * (c_xx * a.x + 2.0 * (c_xy * a.y + c_xz * a.z))
            + a.y * (c_yy * a.y + 2.0 * c_yz * a.z)
            + c_zz * a.z * a.z;
        (determinant != 0.0).then_some(form / determinant)
    }
}

/// Elastic constants in Voigt notation, GPa.
#[derive(Debug, Clone, PartialEq)]
pub struct ElasticTensor {
    /// C_ij, i, j = xx yy zz yz xz xy, relaxed with respect to internal strain.
    pub voigt: Matrix6<f64>,
    /// Largest violation of Huang's conditions `[αβ,γλ] = [γλ,αβ]`, GPa: zero for force constants
    /// that leave the crystal free of stress.
    pub huang_violation: f64,
}

impl LongWave {
    /// The expansion of Φ(q) at Γ to second order in q.
    pub fn new(fc: &ForceConstants) -> Self {
        let n = fc.n_atoms;
        let mut bare = [[Matrix3::zeros(); 3]; 3];
        let mut phi0 = DMatrix::<f64>::zeros(3 * n, 3 * n);
        // Φ¹ summed over the second atom: the force on atom s per unit strain, (sα; β, γ).
        let mut strain = DMatrix::<f64>::zeros(3 * n, 9);
        let mut linear = [Matrix3::<f64>::zeros(); 3];
        for (i, j, _, v, phi) in &fc.pairs {
            for g in 0..3 {
                linear[g] += phi * v[g];
                for l in 0..3 {
                    bare[g][l] -= phi * (0.5 * v[g] * v[l]);
                }
            }
            for a in 0..3 {
                for b in 0..3 {
                    phi0[(3 * i + a, 3 * j + b)] += phi[(a, b)];
                    for g in 0..3 {
                        strain[(3 * i + a, 3 * b + g)] += phi[(a, b)] * v[g];
                    }
                }
            }
        }
        let mut charges = DMatrix::<f64>::zeros(3 * n, 3);
        if let Some(dipoles) = fc.long_range() {
            for (k, of) in dipoles.moments().iter().enumerate() {
                let (i, j) = (k / n, k % n);
                for g in 0..3 {
                    linear[g] += of.first[g];
                    for l in 0..3 {
                        bare[g][l] -= of.second[g][l] * 0.5;
                    }
                }
                let mut block = phi0.fixed_view_mut::<3, 3>(3 * i, 3 * j);
                block += of.zeroth;
                for (a, b, g) in (0..27).map(|m| (m / 9, m / 3 % 3, m % 3)) {
                    strain[(3 * i + a, 3 * b + g)] += of.first[g][(a, b)];
                }
            }
            for (i, z) in dipoles.long_range.born.iter().enumerate() {
                charges.fixed_view_mut::<3, 3>(3 * i, 0).copy_from(&z.transpose());
            }
        }
        let mut polarisation = DMatrix::<f64>::zeros(9, 3);
        let mut susceptibility = Matrix3::zeros();
        let mut stiffness = bare;
        let mut optical = f64::INFINITY;
        if n > 1 {
            let phi0 = (&phi0 + phi0.transpose()) * 0.5;
            let eigen = phi0.symmetric_eigen();
            let size = |k: usize| eigen.eigenvalues[k].abs();
            let order = order_by(3 * n, &mut |a, b| size(a).total_cmp(&size(b)));
            // The three translations are the zero modes; everything else relaxes.
            let mut relaxed = DMatrix::<f64>::zeros(9, 9);
            for &k in &order[3..] {
                let value = eigen.eigenvalues[k];
                optical = optical.min(value);
                let force = strain.transpose() * eigen.eigenvectors.column(k);
                relaxed += &force * force.transpose() / value;
                if fc.long_range().is_some() {
                    let charge = charges.tr_mul(&eigen.eigenvectors.column(k));
                    polarisation += &force * charge.transpose() / value;
                    susceptibility += &charge * charge.transpose() / value;
                }
            }
            for g in 0..3 {
                for l in 0..3 {
                    for a in 0..3 {
                        for b in 0..3 {
                            stiffness[g][l][(a, b)] -= relaxed[(3 * a + g, 3 * b + l)];
                        }
                    }
                }
            }
        }
        let size = linear.iter().map(|m| m.amax()).fold(0.0, f64::max);
        let field = fc.long_range().map(|dipoles| Field {
            prefactor: dipoles.prefactor,
            dielectric: dipoles.long_range.dielectric,
            polarisation,
            susceptibility,
        });
        LongWave { stiffness, bare, optical, linear: size, linear_terms: linear, field }
    }

    /// The wave number |q| (Å⁻¹) below which acoustic frequencies are imaginary in some direction, and that
    /// direction; zero where the constants are invariant under rotation or symmetry makes up for it.
    ///
    /// Along n̂ the acoustic branches are the eigenvalues of i q \[l\]× + q² K with \[l\]× = Σ_γ n_γ Σ Φ r_γ. They
    /// are positive when those of i K^{-1/2} \[l\]× K^{-1/2} = i \[K^{1/2} l\]×/√det K, which are 0 and
    /// ±√(lᵀKl / det K), lie within ±q.
    pub fn imaginary_below(&self) -> (f64, Vector3<f64>) {
        if self.linear < 1e-12 {
            return (0.0, Vector3::x());
        }
        let along = |n: Vector3<f64>| {
            let m = (0..3).fold(Matrix3::zeros(), |sum, g| sum + self.linear_terms[g] * n[g]);
            let l = Vector3::new(m[(2, 1)] - m[(1, 2)], m[(0, 2)] - m[(2, 0)], m[(1, 0)] - m[(0, 1)]) * 0.5;
            let k = self.along(&n);
            ((l.dot(&(k * l)) / k.determinant()).max(0.0).sqrt(), n)
        };
        directions().map(along).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((f64::NAN, Vector3::x()))
    }

    /// Largest relative difference between the velocities of sound that the elastic constants give
    /// (Christoffel) and the slopes of the acoustic branches: zero where Huang's conditions hold.
    pub fn sound_mismatch(&self, volume: f64) -> f64 {
        let c = self.elastic(volume).voigt * (volume / GPA_PER_EV_A3);
        let voigt = |i: usize, j: usize| if i == j { i } else { 6 - i - j };
        let velocities = |m: Matrix3<f64>| {
            let mut v: [f64; 3] = m.symmetric_eigenvalues().map(|x| x.max(0.0).sqrt()).into();
            crate::base::order::sort_floats(&mut v);
            v
        };
        let along = |n: Vector3<f64>| {
            let christoffel = Matrix3::from_fn(|i, k| {
                (0..9).map(|jl| c[(voigt(i, jl / 3), voigt(k, jl % 3))] * n[jl / 3] * n[jl % 3]).sum::<f64>()
            });
            let (by_c, slope) = (
                velocities((christoffel + christoffel.transpose()) * 0.5),
                velocities(self.without_field(&n)),
            );
            (0..3).map(|b| (by_c[b] - slope[b]).abs() / slope[b].max(f64::MIN_POSITIVE)).fold(0.0, f64::max)
        };
        directions().map(along).fold(0.0, f64::max)
    }

    /// Acoustic stiffness along the unit vector `n`, eV; its eigenvalues are ρ v² V. In a piezoelectric crystal that of
    /// waves with the field that they make.
    pub fn along(&self, n: &Vector3<f64>) -> Matrix3<f64> {
        let elastic = self.without_field(n);
        match &self.field {
            Some(field) if cfg!(feature = "polar") => elastic + field.along(n),
            _ => elastic,
        }
    }

    /// The same at constant field, as elastic constants have it.
    fn without_field(&self, n: &Vector3<f64>) -> Matrix3<f64> {
        let mut k = Matrix3::zeros();
        for g in 0..3 {
            for l in 0..3 {
                k += self.stiffness[g][l] * (n[g] * n[l]);
            }
        }
        (k + k.transpose()) * 0.5
    }

    /// For many evaluations of [`AcousticForm::at`].
    pub fn form(&self) -> AcousticForm<'_> {
        let packed = |k: usize| {
            let (g, l) = PACKED[k];
            let both = self.stiffness[g][l] + self.stiffness[l][g];
            pack_tensor(&(both * (0.5 * PACKED_COUNT[k])))
        };
        AcousticForm { wave: self, elastic: std::array::from_fn(packed) }
    }

    /// Smallest acoustic stiffness over a set of directions (eV), and the direction: negative
    /// means that long waves grow, which meshes away from Γ can miss.
    pub fn softest(&self) -> (f64, Vector3<f64>) {
        directions()
            .map(|n| (self.along(&n).symmetric_eigenvalues().min(), n))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .unwrap_or((f64::NAN, Vector3::x()))
    }

    /// Elastic constants for a primitive cell of `volume` Å³.
    pub fn elastic(&self, volume: f64) -> ElasticTensor {
        // `stiffness` holds [αβ,γλ] plus the symmetrised internal strain (αγ,βλ); they are told
        // apart by their difference to `bare`.
        let symmetric = |t: &[[Matrix3<f64>; 3]; 3], a: usize, b: usize, g: usize, l: usize| {
            0.25 * (t[g][l][(a, b)] + t[l][g][(a, b)] + t[g][l][(b, a)] + t[l][g][(b, a)])
        };
        let bracket = |a, b, g, l| symmetric(&self.bare, a, b, g, l);
        let internal = |a: usize, g: usize, b: usize, l: usize| {
            // (αγ,βλ): relaxed[(αγ),(βλ)] symmetrised within each pair, with its minus sign.
            let raw = |a: usize, g: usize, b: usize, l: usize| {
                self.stiffness[g][l][(a, b)] - self.bare[g][l][(a, b)]
            };
            0.25 * (raw(a, g, b, l) + raw(g, a, b, l) + raw(a, g, l, b) + raw(g, a, l, b))
        };
        let pairs = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)];
        let scale = GPA_PER_EV_A3 / volume;
        let voigt = Matrix6::from_fn(|i, j| {
            let ((a, g), (b, l)) = (pairs[i], pairs[j]);
            scale * (bracket(a, b, g, l) + bracket(b, g, a, l) - bracket(b, l, a, g) + internal(a, g, b, l))
        });
        let mut huang_violation = 0.0_f64;
        for &(a, b) in &pairs {
            for &(g, l) in &pairs {
                huang_violation =
                    huang_violation.max(scale * (bracket(a, b, g, l) - bracket(g, l, a, b)).abs());
            }
        }
        ElasticTensor { voigt, huang_violation }
    }
}

/// Elastic constants (GPa, Voigt) for a primitive cell of `volume` Å³, and their derivatives to each parameter. They are
/// smooth in θ, for one atom per cell linear: central differences give ten digits.
pub fn elastic_slopes(
    family: &LinearForceConstants,
    theta: &[f64],
    volume: f64,
) -> (Matrix6<f64>, Vec<Matrix6<f64>>) {
    let voigt = |t: &[f64]| LongWave::new(&family.at(t)).elastic(volume).voigt;
    let step = 1e-5 * theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    let mut moved = theta.to_vec();
    let slopes = (0..theta.len()).map(|p| {
        moved[p] = theta[p] + step;
        let up = voigt(&moved);
        moved[p] = theta[p] - step;
        let down = voigt(&moved);
        moved[p] = theta[p];
        (up - down) / (2.0 * step)
    });
    let slopes = slopes.collect();
    (voigt(theta), slopes)
}

/// By how much constants fail to be invariant under rotation: the wave number |q| (Å⁻¹) below which they
/// make acoustic frequencies imaginary. Waves twice as short are off by up to half in ω².
pub fn rotational_violation(fc: &ForceConstants) -> f64 {
    LongWave::new(fc).imaginary_below().0
}

/// An orthonormal basis, in rows over the parameters, of what makes Σ Φ_αβ r_γ, the term of the acoustic branches that is
/// linear in q: a family member θ has none where all rows are orthogonal to it.
pub fn linear_term_rows(family: &LinearForceConstants) -> DMatrix<f64> {
    let mut rows = DMatrix::<f64>::zeros(27, family.n_parameters);
    let mut largest = 0.0_f64;
    for term in &family.terms {
        for (p, block) in &term.blocks {
            largest = largest.max(block.amax() * term.vector.amax());
            for g in 0..3 {
                for (n, value) in (block * term.vector[g]).iter().enumerate() {
                    rows[(9 * g + n, *p)] += value;
                }
            }
        }
    }
    // Their Gram matrix tells which combinations of the rows are independent.
    let eigen = (&rows * rows.transpose()).symmetric_eigen();
    let kept = |k: &usize| eigen.eigenvalues[*k] > (1e-6 * largest).powi(2);
    let kept: Vec<usize> = (0..27).filter(kept).collect();
    let mut out = DMatrix::zeros(kept.len(), family.n_parameters);
    for (i, &k) in kept.iter().enumerate() {
        let row = rows.tr_mul(&eigen.eigenvectors.column(k)) / eigen.eigenvalues[k].sqrt();
        out.row_mut(i).tr_copy_from(&row);
    }
    out
}

/// The cube's 13 axes and a spread of general directions over half a sphere.
fn directions() -> impl Iterator<Item = Vector3<f64>> {
    let axes = (0..27).map(|n| Vector3::new((n / 9 - 1) as f64, (n / 3 % 3 - 1) as f64, (n % 3 - 1) as f64));
    let axes = axes.skip(14).map(|v| v.normalize());
    const SPIRAL: usize = 64;
    let golden = std::f64::consts::PI * (3.0 - 5.0_f64.sqrt());
    let spiral = (0..SPIRAL).map(move |k| {
        let z = (k as f64 + 0.5) / SPIRAL as f64;
        let (s, c) = (golden * k as f64).sin_cos();
        Vector3::new(c * (1.0 - z * z).sqrt(), s * (1.0 - z * z).sqrt(), z)
    });
    axes.chain(spiral)
}
