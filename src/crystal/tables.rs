//! Tables of scattering by atoms besides the form factors: anomalous and incoherent.
//!
//! f′ and f″: C. T. Chantler, J. Phys. Chem. Ref. Data 24 (1995) 71 and 29 (2000) 597 (NIST), 4 to 150 keV, those points
//! between which straight lines in ln E are within 0.02 electrons. Incoherent functions: J. H. Hubbell et al., J. Phys.
//! Chem. Ref. Data 4 (1975) 471 and EPDL, neutral atoms.

/// The elements, H to U, as `symbol:points` separated by spaces and ended by a new line; behind them, for all points, the
/// steps of ln E, of f′ and of f″ as 16-bit integers, each column as its low bytes and then its high ones. E from
/// 3.6 to 165 keV is 0 to 65535 in its logarithm; f′ and f″ are in 1/200 electron.
const CHANTLER: &[u8] = include_bytes!("chantler.bin");

/// The elements, H to Cf, separated by spaces and ended by a new line; behind them, for each of the 31 sin θ/λ, the steps of
/// S/Z in 1/65535 of all elements as 16-bit integers, the low bytes first.
const HUBBELL: &[u8] = include_bytes!("hubbell.bin");

/// sin θ/λ of the incoherent functions, Å⁻¹.
const X: [f64; 31] = [
    0.01, 0.025, 0.04, 0.055, 0.07, 0.085, 0.1, 0.1166, 0.1359, 0.1585, 0.1848, 0.2154, 0.2512, 0.2929,
    0.3415, 0.3981, 0.4642, 0.5412, 0.631, 0.7356, 0.8577, 1.0, 1.2599, 1.5874, 2.0, 2.5198, 3.1748, 4.0,
    5.0397, 6.3496, 8.0,
];

/// Photon energies of the table of anomalous scattering, keV.
pub const ENERGIES: [f64; 2] = [4.0, 150.0];

/// The names in the first line of a table, and what follows.
fn parts(table: &'static [u8]) -> (impl Iterator<Item = &'static str>, &'static [u8]) {
    let end = table.iter().position(|byte| *byte == b'\n').unwrap_or_default();
    let (names, rest) = table.split_at(end);
    (std::str::from_utf8(names).unwrap_or_default().split(' '), rest.get(1..).unwrap_or_default())
}

/// Number `at` of a column of `n` 16-bit integers.
fn number(column: &[u8], n: usize, at: usize) -> u16 {
    u16::from_le_bytes([column[at], column[n + at]])
}

/// f′ and f″ of an element, electrons, at a photon energy in keV; `None` beyond 4 to 150 keV, or for an element beyond
/// uranium.
pub fn anomalous(element: &str, energy_kev: f64) -> Option<[f64; 2]> {
    if !(ENERGIES[0]..=ENERGIES[1]).contains(&energy_kev) {
        return None;
    }
    let (names, columns) = parts(CHANTLER);
    let total = columns.len() / 6;
    let (mut first, mut found) = (0, None);
    for name in names {
        let (symbol, points) = name.split_once(':')?;
        let points: usize = points.parse().ok()?;
        if symbol == element {
            found = Some(first..first + points);
            break;
        }
        first += points;
    }
    let range = found?;
    let (low, high) = (3600f64.ln(), 165_000f64.ln());
    let at = ((energy_kev * 1e3).ln() - low) / (high - low) * 65535.0;
    let mut values = [0.0; 3];
    let mut before = values;
    for (n, point) in range.clone().enumerate() {
        before = values;
        for (k, value) in values.iter_mut().enumerate() {
            let step = number(&columns[2 * k * total..2 * (k + 1) * total], total, point);
            // Energies rise; steps of the other two have a sign.
            *value += if k == 0 { f64::from(step) } else { f64::from(step.cast_signed()) };
        }
        if values[0] >= at && n > 0 {
            break;
        }
    }
    let t = if values[0] > before[0] { (at - before[0]) / (values[0] - before[0]) } else { 1.0 };
    Some([1, 2].map(|k| (before[k] + t * (values[k] - before[k])) / 200.0))
}

/// The incoherent (Compton) intensity of an element at |Q| in Å⁻¹, electron units: interpolated by monotone cubics
/// (F. N. Fritsch & R. E. Carlson, SIAM J. Numer. Anal. 17 (1980) 238). `None` for an element beyond californium.
pub struct Incoherent {
    values: [f64; 31],
    slopes: [f64; 31],
}

impl Incoherent {
    /// Of an element of atomic number `z`.
    pub fn new(element: &str, z: usize) -> Option<Self> {
        let (mut names, column) = parts(HUBBELL);
        let total = column.len() / 2;
        let n = total / X.len();
        let at = names.position(|name| name == element)?;
        let mut sum = 0.0;
        let values = std::array::from_fn(|k| {
            sum += f64::from(number(column, total, k * n + at).cast_signed());
            sum / 65535.0 * z as f64
        });
        Some(Incoherent { values, slopes: monotone_slopes(&values) })
    }

    /// S at |Q|, Å⁻¹.
    pub fn at(&self, q: f64) -> f64 {
        let x = q / (4.0 * std::f64::consts::PI);
        if x <= X[0] {
            return self.values[0] * (x / X[0]).powi(2);
        }
        let Some(k) = X.iter().position(|known| *known >= x) else { return self.values[30] };
        let h = X[k] - X[k - 1];
        let t = (x - X[k - 1]) / h;
        let (a, b) = (self.values[k - 1], self.values[k]);
        let (c, d) = (self.slopes[k - 1] * h, self.slopes[k] * h);
        a + t * (c + t * ((3.0 * (b - a) - 2.0 * c - d) + t * (c + d - 2.0 * (b - a))))
    }
}

fn monotone_slopes(values: &[f64; 31]) -> [f64; 31] {
    let secant = |k: usize| (values[k + 1] - values[k]) / (X[k + 1] - X[k]);
    std::array::from_fn(|k| {
        if k == 0 || k == 30 {
            return secant(k.min(29));
        }
        let (a, b) = (secant(k - 1), secant(k));
        if a * b <= 0.0 {
            return 0.0;
        }
        // The weighted harmonic mean.
        let (h, g) = (X[k] - X[k - 1], X[k + 1] - X[k]);
        let (u, v) = (2.0 * g + h, g + 2.0 * h);
        (u + v) / (u / a + v / b)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of XrayDB 4.5 (Chantler's table interpolated); near an edge, where f′ is steep, they depend on how.
    #[test]
    fn anomalous_scattering_is_that_of_the_table() {
        for (element, energy, f1, f2) in [
            ("Cu", 8.0478, -1.993_269, 0.582_820),
            ("Cu", 20.0, 0.325_004, 0.989_840),
            ("Ni", 17.479, 0.330_183, 1.108_060),
            ("Pb", 60.0, -1.563_204, 1.272_601),
            ("Si", 12.0, 0.145_737, 0.148_213),
        ] {
            let [a, b] = anomalous(element, energy).unwrap();
            assert!((a - f1).abs() < 0.03 && (b - f2).abs() < 0.03, "{element} {energy}: {a} {b}");
        }
        assert!(anomalous("Cu", 3.0).is_none() && anomalous("Np", 20.0).is_none());
    }

    #[test]
    fn incoherent_functions_are_those_of_the_table() {
        for (element, z, values) in [
            ("Cu", 29, [1.8689, 9.3767, 26.154]),
            ("O", 8, [0.73286, 4.7519, 7.9032]),
            ("Pb", 82, [3.7032, 17.303, 62.511]),
        ] {
            let table = Incoherent::new(element, z).unwrap();
            for (k, value) in [5, 14, 25].into_iter().zip(values) {
                let at = table.at(X[k] * 4.0 * std::f64::consts::PI);
                assert!((at - value).abs() < 2e-3, "{element}: {at}, {value}");
            }
            assert!(
                (0..200).all(|n| table.at(f64::from(n) * 0.5) <= table.at(f64::from(n) * 0.5 + 0.1) + 1e-12)
            );
        }
    }
}
