//! Φ(q) = Σ_p θ_p G_p(q) + Φ_dd(q) at many q at once, with everything that does not depend on θ kept.
//!
//! A Hermitian d × d matrix is packed into d² real slots: the diagonal, then the real parts of the
//! upper triangle row by row, then the imaginary parts. Most G_p fill few slots (48 of 16 × 9 for
//! fcc to the fifth shell), so that a table of the non-zero entries serves both the assembly of Φ
//! and the contraction K → Re tr(K G_p) of its adjoint. Points go in blocks of [`LANES`] so that
//! each entry is a short vector over points.
//!
//! Where symmetry joins many bonds in one entry, the entries are kept. Where an entry is a bond or two, in crystals with
//! many atoms and little symmetry, there are more entries than a cache holds, and reading them takes longer than making
//! them anew: there the phases are kept, two numbers for each bond.

use std::sync::OnceLock;

use nalgebra::Vector3;

use super::dipole_table::DipoleTable;
use super::phases::{Phases, Turns};
use crate::base::order::order_by;
use crate::ifc::LinearForceConstants;
use crate::lanes::{LANES, Lanes, Register, add_product, add_scaled, clear, same, slot_of};

/// Contribution `coefficient · cos` or `· sin` of the phase of one vector.
#[derive(Debug, Clone, Copy)]
struct Wave {
    vector: usize,
    sine: bool,
    coefficient: f64,
}

impl Wave {
    /// Among the cosines and sines of all vectors.
    fn row(&self) -> usize {
        2 * self.vector + usize::from(self.sine)
    }
}

#[derive(Debug, Clone)]
struct Entry {
    parameter: usize,
    slot: usize,
    waves: Vec<Wave>,
}

impl Entry {
    /// From the cosines and sines of all vectors.
    fn at(&self, phases: &[Lanes]) -> Lanes {
        let mut sum = [0.0; LANES];
        for wave in &self.waves {
            add_scaled(&mut sum, wave.coefficient, &phases[wave.row()]);
        }
        sum
    }
}

/// What one cosine or sine adds to one slot: the parameters that do so, with their coefficients. A bond has as many of them
/// as it has constants, so that their sum comes before the points do.
#[derive(Debug, Clone)]
struct Share {
    slot: usize,
    row: usize,
    of: Vec<(usize, f64)>,
}

/// Waves of an entry up to which it is made anew at each use.
const FEW_WAVES: usize = 3;

/// The family Φ(q) = Σ θ_p G_p(q), with the dipole–dipole part of a polar crystal, on a list of q.
#[derive(Debug, Clone)]
pub struct PhaseTable {
    /// Number of wave vectors.
    pub n_points: usize,
    /// Length of θ.
    pub n_parameters: usize,
    /// d² with d = 3 n_atoms.
    pub n_slots: usize,
    entries: Vec<Entry>,
    /// The same by slot; empty where entries are kept.
    shares: Vec<Share>,
    phases: Phases,
    n_vectors: usize,
    /// Blocks hold cosines and sines of all vectors, not entries.
    holds_phases: bool,
    q: Vec<Vector3<f64>>,
    /// Entries of each block once it was used: with several workers each keeps those of its own pieces. `None` when they
    /// are made anew at each use.
    cached: Option<Vec<OnceLock<Vec<Lanes>>>>,
    constant: Option<Constant>,
}

/// What does not depend on θ, in packed slots of each block; kept as the entries are.
#[derive(Debug, Clone)]
struct Constant {
    dipoles: DipoleTable,
    cached: Option<Vec<OnceLock<Vec<Lanes>>>>,
}

impl PhaseTable {
    /// `q`: Cartesian, Å⁻¹. Blocks are kept once they were used when all of them fit in `budget_bytes`, else each is
    /// recomputed when it is used.
    pub fn new(family: &LinearForceConstants, q: Vec<Vector3<f64>>, budget_bytes: usize) -> Self {
        let d = 3 * family.n_atoms;
        let (vectors, mut entries) = waves(family, d);
        drop_silent(&mut entries, &vectors);
        let n_waves: usize = entries.iter().map(|entry| entry.waves.len()).sum();
        let holds_phases = family.n_atoms > 1 && n_waves <= FEW_WAVES * entries.len();
        let mut table = PhaseTable {
            n_points: q.len(),
            n_parameters: family.n_parameters,
            n_slots: d * d,
            n_vectors: vectors.len(),
            holds_phases,
            shares: if holds_phases { shares(&entries) } else { vec![] },
            entries,
            phases: Phases::new(family.lattice, &vectors),
            q,
            cached: None,
            constant: None,
        };
        let none = || Some(vec![OnceLock::new(); table.n_blocks()]);
        let bytes = |rows: usize| table.n_blocks() * rows * size_of::<Lanes>();
        let constant = family.long_range().cloned().map(|part| {
            // The part that costs more to make is kept before the other.
            let cached = if bytes(table.n_slots) <= budget_bytes { none() } else { None };
            Constant { dipoles: DipoleTable::new(part), cached }
        });
        let spent = constant.as_ref().and_then(|c| c.cached.as_ref()).map_or(0, |_| table.n_slots);
        let cached = if bytes(table.n_rows() + spent) <= budget_bytes { none() } else { None };
        (table.cached, table.constant) = (cached, constant);
        table
    }

    /// Number of blocks of lanes that hold all points.
    pub fn n_blocks(&self) -> usize {
        self.n_points.div_ceil(LANES)
    }

    fn n_rows(&self) -> usize {
        if self.holds_phases { 2 * self.n_vectors } else { self.entries.len() }
    }

    /// What there is of block `b` whatever θ is; lanes past the last point repeat it.
    pub fn block<'a>(&'a self, b: usize, scratch: &'a mut Vec<Lanes>) -> &'a [Lanes] {
        let n = self.n_rows();
        let made = |mut rows: Vec<Lanes>| {
            rows.clear();
            self.fill(b, &mut rows);
            rows
        };
        match &self.cached {
            Some(all) => all[b].get_or_init(|| made(Vec::with_capacity(n))),
            None => {
                *scratch = made(std::mem::take(scratch));
                scratch
            }
        }
    }

    /// Φ of block `b` in packed slots, eV/Å².
    pub fn assemble(&self, b: usize, block: &[Lanes], theta: &[f64], phi: &mut [Lanes]) {
        self.assemble_linear(block, theta, phi);
        if let Some(constant) = self.constant.as_ref().filter(|_| cfg!(feature = "polar")) {
            constant.add(phi, b, self);
        }
    }

    /// Σ_p θ_p G_p alone: how Φ changes with θ.
    pub fn assemble_linear(&self, block: &[Lanes], theta: &[f64], phi: &mut [Lanes]) {
        phi.iter_mut().for_each(clear);
        if self.holds_phases {
            for Share { slot, row, of } in &self.shares {
                let coefficient: f64 = of.iter().map(|(p, coefficient)| coefficient * theta[*p]).sum();
                if coefficient != 0.0 {
                    add_scaled(&mut phi[*slot], coefficient, &block[*row]);
                }
            }
            return;
        }
        for (entry, g) in self.entries.iter().zip(block).filter(|(entry, _)| theta[entry.parameter] != 0.0) {
            add_scaled(&mut phi[entry.slot], theta[entry.parameter], g);
        }
    }

    /// All entries with their values.
    #[inline(always)]
    fn each(&self, block: &[Lanes], mut visit: impl FnMut(&Entry, &Lanes)) {
        if self.holds_phases {
            self.entries.iter().for_each(|entry| visit(entry, &entry.at(block)));
        } else {
            self.entries.iter().zip(block).for_each(|(entry, g)| visit(entry, g));
        }
    }

    /// `out[p] = Re tr(K G_p)` for a Hermitian K in packed slots whose off-diagonal slots carry
    /// the factor 2 of the two triangles.
    pub fn contract(&self, block: &[Lanes], k: &[Lanes], out: &mut [Lanes]) {
        out[..self.n_parameters].iter_mut().for_each(clear);
        self.each(block, |entry, g| add_product(&mut out[entry.parameter], &k[entry.slot], g));
    }

    /// The same in one register of lanes, for many K at the same points: `g` has that register of the block.
    pub fn contract_registers(&self, g: &[Register], k: &[Register], out: &mut [Register]) {
        out[..self.n_parameters].fill(Register::ZERO);
        for (n, entry) in self.entries.iter().enumerate() {
            let wave = |wave: &Wave| g[wave.row()] * same(wave.coefficient);
            let value = if self.holds_phases {
                entry.waves.iter().map(wave).fold(Register::ZERO, |sum, x| sum + x)
            } else {
                g[n]
            };
            out[entry.parameter] += k[entry.slot] * value;
        }
    }

    /// Lanes past the last point repeat it.
    fn wave_vector(&self, b: usize, lane: usize) -> Vector3<f64> {
        self.q[(b * LANES + lane).min(self.n_points - 1)]
    }

    fn fill(&self, b: usize, out: &mut Vec<Lanes>) {
        let mut turns = Turns::default();
        self.phases.fill(|lane| self.wave_vector(b, lane), &mut turns);
        let phases = turns.all.as_flattened();
        if self.holds_phases {
            out.extend_from_slice(phases);
        } else {
            out.extend(self.entries.iter().map(|entry| entry.at(phases)));
        }
    }
}

impl Constant {
    fn add(&self, phi: &mut [Lanes], b: usize, table: &PhaseTable) {
        let made = || {
            let mut slots = vec![[0.0; LANES]; table.n_slots];
            self.dipoles.fill(&std::array::from_fn(|lane| table.wave_vector(b, lane)), &mut slots);
            slots
        };
        let mut sum =
            |slots: &[Lanes]| phi.iter_mut().zip(slots).for_each(|(phi, x)| add_scaled(phi, 1.0, x));
        match &self.cached {
            Some(all) => sum(all[b].get_or_init(made)),
            None => sum(&made()),
        }
    }
}

/// A vector with the cell that it leads to.
type Place = (Vector3<f64>, Vector3<i32>);

/// Every slot of every parameter as a sum of waves, vectors counted up to sign.
fn waves(family: &LinearForceConstants, d: usize) -> (Vec<Place>, Vec<Entry>) {
    use std::collections::HashMap;
    let mut vectors: Vec<Place> = Vec::new();
    let mut known: HashMap<[i64; 3], usize> = HashMap::new();
    // (parameter, slot, vector, sine) and a part of its coefficient
    let mut parts: Vec<((usize, usize, usize, bool), f64)> = Vec::new();
    for term in &family.terms {
        let grid = term.vector.map(|x| (x * 1e6).round() as i64);
        let flip = grid.iter().copied().find(|x| *x != 0).is_some_and(|x| x < 0);
        let sign = if flip { -1.0 } else { 1.0 };
        let folded = if flip { -grid } else { grid };
        let vector = *known.entry(folded.into()).or_insert_with(|| {
            vectors.push((term.vector * sign, term.cell * sign as i32));
            vectors.len() - 1
        });
        for (p, block) in &term.blocks {
            for a in 0..3 {
                for b in 0..3 {
                    let (row, column) = (3 * term.i + a, 3 * term.j + b);
                    let x = block[(a, b)];
                    if x == 0.0 {
                        continue;
                    }
                    // Both triangles count half each, so that an input that is not exactly
                    // Hermitian gives its Hermitian part.
                    let half = if row == column { 1.0 } else { 0.5 };
                    let (i, j, imaginary) =
                        if row <= column { (row, column, sign) } else { (column, row, -sign) };
                    let (real_slot, imaginary_slot) = slot_of(d, i, j);
                    parts.push(((*p, real_slot, vector, false), half * x));
                    if let Some(slot) = imaginary_slot {
                        parts.push(((*p, slot, vector, true), half * imaginary * x));
                    }
                }
            }
        }
    }
    let mut entries: Vec<Entry> = Vec::new();
    let order = order_by(parts.len(), &mut |a, b| parts[a].0.cmp(&parts[b].0));
    for same in order.chunk_by(|&a, &b| parts[a].0 == parts[b].0) {
        let (parameter, slot, vector, sine) = parts[same[0]].0;
        if entries.last().is_none_or(|last| (last.parameter, last.slot) != (parameter, slot)) {
            entries.push(Entry { parameter, slot, waves: Vec::new() });
        }
        let coefficient: f64 = same.iter().map(|&part| parts[part].1).sum();
        if let Some(last) = entries.last_mut().filter(|_| coefficient.abs() > 1e-13) {
            last.waves.push(Wave { vector, sine, coefficient });
        }
    }
    (vectors, entries)
}

/// The waves of all entries by slot and vector.
fn shares(entries: &[Entry]) -> Vec<Share> {
    let waves = entries.iter().flat_map(|entry| entry.waves.iter().map(move |wave| (entry, wave)));
    let parts: Vec<(usize, usize, usize, f64)> =
        waves.map(|(entry, wave)| (entry.slot, wave.row(), entry.parameter, wave.coefficient)).collect();
    let key = |n: usize| (parts[n].0, parts[n].1, parts[n].2);
    let order = order_by(parts.len(), &mut |a, b| key(a).cmp(&key(b)));
    order
        .chunk_by(|&a, &b| (parts[a].0, parts[a].1) == (parts[b].0, parts[b].1))
        .map(|same| Share {
            slot: parts[same[0]].0,
            row: parts[same[0]].1,
            of: same.iter().map(|&n| (parts[n].2, parts[n].3)).collect(),
        })
        .collect()
}

/// Removes slots that vanish for every q, e.g. all imaginary parts when each atom is a centre of
/// inversion; three irrational q tell.
fn drop_silent(entries: &mut Vec<Entry>, vectors: &[Place]) {
    let probes =
        [[0.7310, 0.4127, 0.9531], [1.3177, -0.6143, 0.2719], [-0.3719, 1.1903, 0.5711]].map(Vector3::from);
    entries.retain(|entry| {
        let size: f64 = entry.waves.iter().map(|w| w.coefficient.abs()).sum();
        probes.iter().any(|q| {
            let value: f64 = entry
                .waves
                .iter()
                .map(|w| {
                    let (sine, cosine) = q.dot(&vectors[w.vector].0).sin_cos();
                    w.coefficient * if w.sine { sine } else { cosine }
                })
                .sum();
            value.abs() > 1e-11 * size
        })
    });
}
