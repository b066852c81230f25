use std::collections::{BTreeMap, HashMap};
use std::time::Instant;
use tds_inversion::crystal::Crystal;
use tds_inversion::ifc::*;
use tds_inversion::scattering::*;
use tds_inversion::thermal::*;
fn main() {
    let _: BTreeMap<i32,i32> = BTreeMap::new();
    let text = std::fs::read("www/examples/ni_298K_hk0_hk0.5_hk1.csv").unwrap();
    let set = tds_inversion::data::csv::read_csv("x", &text).unwrap();
    let entry = library_entry("ni_298").unwrap();
    let crystal: Crystal = entry.crystal().unwrap();
    let basis = IrreducibleBasis::new(&crystal, entry.cutoff(&crystal).unwrap()).unwrap();
    let theta = basis.values_from_labels(&entry.labels().unwrap()).unwrap();
    let thermal = Thermal { statistics: Statistics::Quantum, temperature_k: 298.0, masses: crystal.primitive.masses.clone() };
    let mut unique: HashMap<[i64;3], (usize, f64)> = HashMap::new();
    let mut hkl = vec![];
    for (p, s) in set.hkl.iter().zip(set.sigma.as_ref().unwrap()) {
        let mut k = p.map(|x| (x.abs()*1e5).round() as i64); k.sort();
        let n = unique.len();
        let e = unique.entry(k).or_insert_with(|| { hkl.push(*p); (n, 0.0) });
        e.1 += 1.0/(s*s);
    }
    let mut w = vec![0.0; hkl.len()];
    for (i, x) in unique.values() { w[*i] = *x; }
    let n_data = set.hkl.len();
    println!("{} unique", hkl.len());
    let q: Vec<_> = hkl.iter().map(|p| crystal.q_cart(p)).collect();
    let ms = MeanSquare::new(&crystal, &basis.family, thermal.clone(), &UMesh::Named(Converged::Converged), MeshAxes::Primitive);
    let one = OnePhonon::new(&crystal, &basis.family, thermal.clone(), ms, q);
    let mut reference: Option<Vec<f64>> = None;
    for (range, mult) in [(64.0, 2.0),(42.0,2.0),(32.0,2.0),(30.0,2.0),(28.0,2.0), (26.0,2.0),(24.0, 2.0),(22.0,2.0),(20.0,2.0)] {
        let n = ((mult * range / 2.489f64).ceil() as usize + 1) / 2 * 2;
        let t = Instant::now();
        let model = Exact::all_orders(&crystal, &basis.family, one.clone(), range, [n;3]).unwrap();
        let t0 = t.elapsed(); let t = Instant::now();
        let state = model.state(&theta).unwrap();
        let t1 = t.elapsed(); let t = Instant::now();
        let v = model.intensities(&state).unwrap();
        let t2 = t.elapsed(); let t = Instant::now();
        let _g = model.higher_pullback(&state, &vec![1.0; v.len()]);
        let t3 = t.elapsed();
        let t = Instant::now();
        if range < 25.0 { let _j = model.higher_jacobian(&state, v.len().div_ceil(32)); }
        let t4 = t.elapsed();
        if reference.is_none() { reference = Some(v.clone()); }
        let r = reference.as_ref().unwrap();
        let chi: f64 = v.iter().zip(r).zip(&w).map(|((a,b),w)| w * (160.6*(a-b)).powi(2)).sum::<f64>();
        let rel: f64 = (v.iter().zip(r).map(|(a,b)| (a/b-1.0).powi(2)).sum::<f64>() / v.len() as f64).sqrt();
        println!("range {range} n {n} terms {:?}: rms {:.4} sigma, relative {:.1e}; setup {t0:.0?} state {t1:.0?} values {t2:.0?} pullback {t3:.0?} jacobian {t4:.0?}", model.n_terms(), (chi/n_data as f64).sqrt(), rel);
    }
}
