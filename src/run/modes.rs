//! The phonons of a job at one Q, for people: which there are, what each scatters, how the atoms move in it.

use nalgebra::{Matrix3, Vector3};
use serde::Serialize;

use super::{Arrangement, Files, Prepared, Shell};
use crate::base::order::order_by;
use crate::crystal::elements::{covalent_radius, element_of};
use crate::dynamics::{BandStructure, Vibrations, bands, standard_path};
use crate::ifc::ForceConstants;
use crate::job::Job;
use crate::scattering::{ByMode, from_nearest_peak};
use crate::thermal::Thermal;
use crate::{Error, Result};

/// Points of the dispersion.
const BAND_POINTS: usize = 240;

/// Components of Q at most, reciprocal-lattice units.
const FARTHEST: f64 = 1000.0;

/// A share along q from which a mode is called longitudinal; as much across makes it transverse.
const CLEARLY: f64 = 0.9;

/// A job's crystal with the force constants that the job gives, at its temperature.
pub struct Phonons {
    prepared: Prepared,
    fc: ForceConstants,
    thermal: Thermal,
    /// Mean-square displacements, Å²; none where the crystal is unstable.
    tensors: Option<Vec<Matrix3<f64>>>,
    /// Springs by kind, the shortest first, and whether there are longer ones.
    shells: Vec<Shell>,
    has_more: bool,
}

/// What is known of the crystal before a Q is chosen.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PhononsReport {
    /// Its elements, in the order of the atoms.
    pub elements: Vec<ElementReport>,
    /// Springs by kind, the shortest first.
    pub shells: Vec<Shell>,
    /// Whether there are longer ones, which are not listed.
    pub has_more_shells: bool,
    /// Å: root mean square along one direction of the displacement of an atom, of the atom that moves most; none where the
    /// crystal is unstable.
    pub rms: Option<f64>,
    /// K: temperature of the thermal motion.
    pub temperature: f64,
    /// Whether fields of moving charges act besides the springs.
    pub has_dipoles: bool,
}

/// An element of the crystal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ElementReport {
    /// Chemical symbol.
    pub symbol: String,
    /// Å: covalent radius.
    pub radius: f64,
}

/// The modes at one Q.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ModesReport {
    /// r.l.u.: the scattering vector Q.
    pub hkl: [f64; 3],
    /// r.l.u.: q, from the nearest Bragg peak to Q.
    pub reduced: [f64; 3],
    /// Å⁻¹: q along x, y, z, with the 2π.
    pub direction: [f64; 3],
    /// Å⁻¹: length of the scattering vector.
    pub q_norm: f64,
    /// Electron² per primitive cell: the one-phonon intensity, the sum over the modes; none where it is not finite.
    pub intensity: Option<f64>,
    /// Why there is no intensity.
    pub note: Option<String>,
    /// One for each branch, ascending; at a Bragg peak the three translations first.
    pub modes: Vec<ModeReport>,
}

/// One mode.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ModeReport {
    /// THz: frequency; an imaginary one is negative.
    pub frequency: f64,
    /// meV: energy; that of an imaginary frequency is negative.
    pub energy: f64,
    /// Electron² per primitive cell: one-phonon intensity. Of modes of equal frequency, the first is the combination that
    /// scatters at Q, and the others do not.
    pub intensity: Option<f64>,
    /// fraction: of the one-phonon intensity.
    pub share: Option<f64>,
    /// Number of the set of modes of equal frequency that it is one of, counted from 0.
    pub set: usize,
    /// fraction: of Σ|e|² along q; none at a Bragg peak.
    pub longitudinal: Option<f64>,
    /// fraction: of Σ|e|² in which the atoms of a cell move together.
    pub together: f64,
    /// In words.
    pub character: String,
    /// fraction: of Σ|e|² by element, in the order of the elements.
    pub elements: Vec<f64>,
    /// The vector e by atom of the primitive cell and x, y, z, each as real and imaginary part: orthonormal, mass-weighted;
    /// atom s of the cell at R moves by Re{e_s/√m_s exp(i Q·(R + τ_s) − iωt)}.
    pub vector: Vec<[[f64; 2]; 3]>,
}

impl Phonons {
    /// The crystal, the constants and the temperature are those of the job; its data do not matter.
    ///
    /// # Errors
    /// Anything in the job that cannot be used, elastic constants instead of force constants.
    pub fn new(job: &Job, files: &dyn Files) -> Result<Self> {
        let prepared = Prepared::new(&Job { data: vec![], ..job.clone() }, files)?;
        prepared.check_has_force_constants()?;
        let thermal = prepared.thermal(job.model.temperature);
        let tensors = prepared.mean_square_of(&prepared.job, job.model.temperature).tensors(&prepared.theta);
        let fc = prepared.family.at(&prepared.theta);
        let (shells, has_more) = Shell::nearest(&prepared.crystal, &fc);
        Ok(Phonons { prepared, fc, thermal, tensors, shells, has_more })
    }

    /// What is known before a Q is chosen.
    pub fn report(&self) -> PhononsReport {
        let rms = |u: &Matrix3<f64>| (u.trace() / 3.0).sqrt();
        let tensors = self.tensors.as_ref();
        PhononsReport {
            elements: self.elements(),
            shells: self.shells.clone(),
            has_more_shells: self.has_more,
            rms: tensors.map(|all| all.iter().map(rms).fold(0.0, f64::max)),
            temperature: self.thermal.temperature_k,
            has_dipoles: self.fc.long_range().is_some(),
        }
    }

    fn elements(&self) -> Vec<ElementReport> {
        let radius = |symbol: &str| covalent_radius(element_of(symbol).unwrap_or_default());
        let mut found: Vec<ElementReport> = vec![];
        for symbol in &self.prepared.crystal.primitive.symbols {
            if found.iter().all(|e| e.symbol != *symbol) {
                found.push(ElementReport { symbol: symbol.clone(), radius: radius(symbol) });
            }
        }
        found
    }

    /// The modes at `hkl` (input cell).
    ///
    /// # Errors
    /// Numbers that are none, or beyond 1000.
    pub fn at(&self, hkl: &[f64; 3]) -> Result<ModesReport> {
        let crystal = &self.prepared.crystal;
        let all = self.modes(hkl)?;
        let q = crystal.q_cart(hkl);
        let from_peak = from_nearest_peak(crystal, &q);
        let to_hkl = crystal.input.lattice.transpose() / std::f64::consts::TAU;
        // Rounding leaves −0 and 1e−17.
        let tidy = |x: f64| (x * 1e9).round() / 1e9 + 0.0;
        let total = all.total();
        let modes = all.vibrations.sets().into_iter().enumerate().flat_map(|(number, set)| {
            let (all, from_peak) = (&all, &from_peak);
            set.map(move |j| self.mode(all, j, number, &q, from_peak, total))
        });
        Ok(ModesReport {
            hkl: *hkl,
            reduced: (to_hkl * from_peak).map(tidy).into(),
            direction: from_peak.into(),
            q_norm: q.norm(),
            intensity: total,
            note: total.is_none().then(|| self.why_none(&all)),
            modes: modes.collect(),
        })
    }

    fn modes(&self, hkl: &[f64; 3]) -> Result<ByMode> {
        if hkl.iter().any(|x| !x.is_finite() || x.abs() > FARTHEST) {
            return Err(Error::value(format!("{hkl:?}"), "three numbers h, k, l from -1000 to 1000").of("Q"));
        }
        let crystal = &self.prepared.crystal;
        let q = crystal.q_cart(hkl);
        Ok(ByMode::new(crystal, &self.fc, &self.thermal, self.tensors.as_deref(), &q))
    }

    fn why_none(&self, all: &ByMode) -> String {
        let unstable = all.vibrations.levels.iter().skip(all.vibrations.translations).any(|l| *l <= 0.0);
        if unstable {
            "A vibration has a negative stiffness: the crystal is unstable here, and no intensity is defined."
        } else if self.tensors.is_none() {
            "The crystal is unstable at other wave vectors, so that its atoms have no mean-square displacement and the \
             modes no intensity."
        } else {
            "This is a Bragg peak: the crystal moves as a whole in three of the modes, whose diffuse intensity has no bound."
        }
        .into()
    }

    fn mode(
        &self,
        all: &ByMode,
        j: usize,
        set: usize,
        q: &Vector3<f64>,
        from_peak: &Vector3<f64>,
        total: Option<f64>,
    ) -> ModeReport {
        let cell = &self.prepared.crystal.primitive;
        let (vibrations, n) = (&all.vibrations, cell.len());
        let e = vibrations.vectors.column(j);
        let atom = |s: usize| Vector3::new(e[3 * s], e[3 * s + 1], e[3 * s + 2]);
        let is_translation = j < vibrations.translations;
        let longitudinal = longitudinal(vibrations, from_peak, j);
        let mass: f64 = cell.masses.iter().sum();
        let peak = q - from_peak;
        let together = (0..n).fold(Vector3::zeros(), |sum, s| {
            let phase =
                nalgebra::Complex::from_polar((cell.masses[s] / mass).sqrt(), peak.dot(&cell.cartesian(s)));
            sum + atom(s) * phase
        });
        let elements = self.elements().into_iter().map(|element| {
            let own = (0..n).filter(|s| cell.symbols[*s] == element.symbol);
            own.map(|s| atom(s).norm_squared()).sum()
        });
        let intensity = all.intensity[j];
        ModeReport {
            frequency: vibrations.frequency(j),
            energy: 1e3 * vibrations.energy(j),
            intensity,
            share: intensity.zip(total.filter(|t| *t > 0.0)).map(|(i, total)| i / total),
            set,
            longitudinal,
            together: together.norm_squared(),
            character: character(j, is_translation, longitudinal),
            elements: elements.collect(),
            vector: (0..n).map(|s| [0, 1, 2].map(|a| [atom(s)[a].re, atom(s)[a].im])).collect(),
        }
    }

    /// Atoms of so many input cells along each axis, with the springs between them.
    pub fn around(&self, cells: [usize; 3]) -> Arrangement {
        Arrangement::new(&self.prepared.crystal, &self.fc, &self.shells, cells)
    }

    /// Input cells along each axis in which the wave of `hkl` is seen as a whole where that is possible.
    pub fn cells_for(&self, hkl: &[f64; 3]) -> [usize; 3] {
        super::arrangement::cells_for(&self.prepared.crystal, hkl)
    }

    /// How the atoms of an arrangement move in mode `j` at `hkl`: real and imaginary parts of the complex amplitude along x, y, z
    /// of each, such that the displacement is the real part of amplitude × exp(−iωt); in units of the largest displacement
    /// of any of them.
    ///
    /// # Errors
    /// As [`Self::at`]; no such mode.
    pub fn pattern(&self, hkl: &[f64; 3], j: usize, around: &Arrangement) -> Result<Vec<[[f64; 2]; 3]>> {
        let modes = self.modes(hkl)?.vibrations;
        if j >= modes.levels.len() {
            let expected = format!("one of the {} modes, counted from 0", modes.levels.len());
            return Err(Error::value(format!("mode {j}"), expected).of("Q"));
        }
        let masses = &self.prepared.crystal.primitive.masses;
        let vectors: Vec<_> = masses
            .iter()
            .enumerate()
            .map(|(s, mass)| {
                modes.vectors.fixed_view::<3, 1>(3 * s, j) / nalgebra::Complex::from(mass.sqrt())
            })
            .collect();
        let q = self.prepared.crystal.q_cart(hkl);
        // The longest half-axis of the ellipse of an atom.
        let reach = |z: &Vector3<nalgebra::Complex<f64>>| (0.5 * (z.norm_squared() + z.dot(z).norm())).sqrt();
        let largest = vectors.iter().map(reach).fold(0.0, f64::max);
        Ok(around
            .sites
            .iter()
            .map(|site| {
                let z = vectors[site.atom] * nalgebra::Complex::from_polar(1.0 / largest, q.dot(&site.place));
                [0, 1, 2].map(|a| [z[a].re, z[a].im])
            })
            .collect())
    }

    /// The dispersion along the standard path.
    pub fn bands(&self) -> BandStructure {
        let crystal = &self.prepared.crystal;
        bands(
            crystal,
            &self.prepared.family,
            &self.prepared.theta,
            &standard_path(crystal),
            BAND_POINTS,
            None,
        )
    }

    /// Where on the path of `bands` a wave vector lies that symmetry makes equivalent to `hkl`: the number of its point.
    pub fn on_path(&self, hkl: &[f64; 3], bands: &BandStructure) -> Option<usize> {
        let crystal = &self.prepared.crystal;
        let q = crystal.q_cart(hkl);
        // Time reversal takes q to −q.
        let images: Vec<Vector3<f64>> =
            crystal.operations.iter().flat_map(|op| [op.cartesian * q, -(op.cartesian * q)]).collect();
        let points: Vec<Vector3<f64>> = bands.hkl.iter().map(|p| crystal.q_cart(p)).collect();
        let away = |p: &Vector3<f64>| {
            images
                .iter()
                .map(|image| from_nearest_peak(crystal, &(image - p)).norm())
                .fold(f64::INFINITY, f64::min)
        };
        let distances: Vec<f64> = points.iter().map(away).collect();
        let best = *order_by(points.len(), &mut |a, b| distances[a].total_cmp(&distances[b])).first()?;
        let steps = bands.distance.windows(2).map(|w| w[1] - w[0]);
        let step = steps.fold(0.0, f64::max);
        (distances[best] <= 0.6 * step).then_some(best)
    }
}

/// The share of each vibration along q, which is that from the nearest peak; none at a Bragg peak.
pub(super) fn longitudinal(vibrations: &Vibrations, from_peak: &Vector3<f64>, j: usize) -> Option<f64> {
    let along = from_peak.try_normalize(1e-9).filter(|_| vibrations.translations == 0)?;
    let (along, e) = (along.map(nalgebra::Complex::from), vibrations.vectors.column(j));
    let atom = |s: usize| Vector3::new(e[3 * s], e[3 * s + 1], e[3 * s + 2]);
    Some((0..e.len() / 3).map(|s| atom(s).dot(&along).norm_sqr()).sum::<f64>())
}

/// “longitudinal acoustic”: the three lowest branches are called acoustic.
pub(super) fn character(j: usize, is_translation: bool, longitudinal: Option<f64>) -> String {
    if is_translation {
        return "translation".into();
    }
    let kind = if j < 3 { "acoustic" } else { "optical" };
    match longitudinal {
        None => kind.into(),
        Some(part) if part >= CLEARLY => format!("longitudinal {kind}"),
        Some(part) if part <= 1.0 - CLEARLY => format!("transverse {kind}"),
        Some(part) => format!("{kind}, {:.0} % longitudinal", 100.0 * part),
    }
}
