//! Constants moved by hand: what is seen at once, what each datum says of them, and where a fit goes on from.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tds_inversion::ifc::library;
use tds_inversion::job::Job;
use tds_inversion::run::{Hand, Run, Share, Touched};

type Files = BTreeMap<String, Vec<u8>>;

/// Simulated data of a crystal of the library at general points, one to a point.
fn job(id: &str, order: &str) -> Value {
    let entry = library().into_iter().find(|e| e.id == id).unwrap();
    let crystal = json!({"prototype": entry.lattice, "element": entry.element, "a": entry.a_angstrom});
    json!({
        "crystal": crystal,
        "force_constants": {"start": {"library": id}},
        "model": {"order": order, "statistics": "quantum", "temperature": entry.temperature_k.unwrap_or(300.0), "u_mesh": [6, 6, 6]},
        "data": [{"ideal": true, "synthetic": {
            "values": {"library": id}, "h": [0.31, 3.47, 5], "k": [0.13, 2.71, 4], "l": [0.17, 0.59, 3], "scale": 1e4,
            "noise": true, "seed": 5,
        }}],
    })
}

fn open(job: &Value) -> Run<Files> {
    let given: Job = serde_json::from_value(job.clone()).unwrap();
    Run::new(&given, Files::new()).unwrap_or_else(|error| panic!("{job}: {error}"))
}

/// The model with other constants, all else as it is.
fn touch(run: &Run<Files>, values: &[f64]) -> tds_inversion::Result<Touched> {
    run.touch(&Hand { values: values.to_vec(), ..Hand::default() })
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0_f64, |m, v| m.max(v.abs()))
}

#[test]
fn what_a_datum_says_of_a_constant_is_the_derivative_of_its_model() {
    let mut worst = 0.0_f64;
    for entry in library() {
        for order in ["one-phonon", "all-order"] {
            let run = open(&job(&entry.id, order));
            let at = run.session.current().clone();
            let term = &run.session.problem.terms[0];
            let n = run.data[0].hkl.len();
            let points: Vec<_> = (0..n).map(Some).collect();
            let values = |theta: &[f64]| term.values(theta, &at.nuisances[0], &points, &[]);
            // Each row is a point of its own, in order.
            assert_eq!(term.n_used(), n);
            assert_eq!(values(&at.theta), run.model(0));
            let h = 2e-4 * largest(&at.theta);
            for p in 0..at.theta.len().min(6) {
                let exact = run.shares(0, p, Share::Slope).unwrap();
                let mut numeric = vec![0.0; n];
                for (steps, weight) in [(1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0)] {
                    let mut moved = at.theta.clone();
                    moved[p] += steps * h;
                    for (row, value) in values(&moved).into_iter().enumerate() {
                        numeric[row] += weight * value / (12.0 * h) / run.sigma(0, row).unwrap();
                    }
                }
                let size = largest(&exact);
                let error = exact.iter().zip(&numeric).map(|(a, b)| (a - b).abs() / size).fold(0.0, f64::max);
                worst = worst.max(error);
                assert!(error < 1e-6, "{} {order}, constant {p}: {error:.1e}", entry.id);
            }
        }
    }
    println!("derivatives of the drawn model against differences: {worst:.1e}");
}

#[test]
fn the_parts_of_all_data_in_what_is_known_of_a_constant_add_up_to_one() {
    for order in ["one-phonon", "all-order"] {
        let run = open(&job("cu_296", order));
        let sigma = run.progress().sigma;
        for p in 0..sigma.len() {
            let parts = run.shares(0, p, Share::Knowledge).unwrap();
            let sum: f64 = parts.iter().filter(|x| x.is_finite()).map(|x| x * x).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{order}, constant {p}: {sum}");
        }
        // The row's own words: its slope times σ of the constant.
        let says = run.row_says(0, 17).unwrap();
        for (p, said) in says.iter().enumerate() {
            let slope = run.shares(0, p, Share::Slope).unwrap()[17];
            assert!((said / (slope * sigma[p].unwrap()) - 1.0).abs() < 1e-9, "{order}, constant {p}");
        }
    }
}

/// A sum of constants whose error is independent of that of the others.
struct Mixture {
    sigma: f64,
    weights: Vec<f64>,
}

fn mixtures_of(run: &Run<Files>) -> Vec<Mixture> {
    let flat = run.mixtures();
    let rows = flat.chunks(1 + run.progress().values.len());
    rows.map(|row| Mixture { sigma: row[0], weights: row[1..].to_vec() }).collect()
}

/// A part for each row, of a sum of constants: from the derivatives to all parameters, by the covariance of the fit.
fn parts_of(run: &Run<Files>, weights: &[f64]) -> Vec<f64> {
    let covariance = run.session.uncertainty().covariance;
    let known = |k: usize| weights.iter().enumerate().map(|(p, w)| covariance[(k, p)] * w).sum::<f64>();
    let variance: f64 = weights.iter().enumerate().map(|(p, w)| w * known(p)).sum();
    // The model as a function of everything that is fitted, scale and backgrounds included.
    let (problem, at) = (&run.session.problem, run.session.current());
    let term = &problem.terms[0];
    let n = run.data[0].hkl.len();
    let points: Vec<_> = (0..n).map(Some).collect();
    let h = 1e-4 * largest(&at.theta) / (0..weights.len()).map(known).fold(0.0, |m: f64, x| m.max(x.abs()));
    let mut parts = vec![0.0; n];
    for (steps, weight) in [(1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0)] {
        let step: Vec<f64> = (0..problem.n_free()).map(|k| steps * h * known(k)).collect();
        let theta: Vec<f64> = at.theta.iter().zip(&step).map(|(x, d)| x + d).collect();
        let mut nuisances = at.nuisances[0].clone();
        nuisances.all_mut().zip(&step[theta.len()..]).for_each(|(x, d)| *x += d);
        for (row, value) in term.values(&theta, &nuisances, &points, &[]).into_iter().enumerate() {
            parts[row] += weight * value / (12.0 * h) / run.sigma(0, row).unwrap() / variance.sqrt();
        }
    }
    parts
}

#[test]
fn a_sum_of_constants_is_decided_where_the_model_moves_with_it_and_all_else_follows() {
    for (id, order) in [("cu_296", "one-phonon"), ("ni_676", "all-order"), ("fe_295", "one-phonon")] {
        let run = open(&job(id, order));
        let n = run.progress().values.len();
        let elastic = run.progress().elastic;
        let mixtures = mixtures_of(&run);
        assert_eq!(mixtures.len(), n);
        let mut worst = 0.0_f64;
        for (k, Mixture { sigma, weights }) in mixtures.iter().enumerate() {
            let exact = run.shares(0, n + elastic.len() + k, Share::Knowledge).unwrap();
            let numeric = parts_of(&run, weights);
            let size = largest(&exact);
            let error = exact.iter().zip(&numeric).map(|(a, b)| (a - b).abs() / size).fold(0.0, f64::max);
            worst = worst.max(error);
            assert!(error < 1e-5, "{id} {order}, mixture {k}: {error:.1e}");
            // σ is that of the fit.
            let known = run.session.uncertainty().sigma_of(weights).unwrap();
            assert!(
                (sigma / known - 1.0).abs() < 1e-6 || sigma.is_infinite(),
                "{id}, mixture {k}: {sigma} {known}"
            );
        }
        println!("{id} {order}: parts of sums of constants against differences: {worst:.1e}");
        // Best first, independent of each other.
        assert!(mixtures.windows(2).all(|two| two[0].sigma <= two[1].sigma));
        for (k, a) in mixtures.iter().enumerate() {
            for (l, b) in mixtures.iter().enumerate().take(k + 1) {
                let product: f64 = a.weights.iter().zip(&b.weights).map(|(x, y)| x * y).sum();
                assert!((product - f64::from(u8::from(k == l))).abs() < 1e-10, "{id}, mixtures {k} and {l}");
            }
        }
        // Of an elastic constant: of the sum that it is.
        for (i, report) in elastic.iter().enumerate() {
            let parts = run.shares(0, n + i, Share::Knowledge).unwrap();
            let sum: f64 = parts.iter().map(|x| x * x).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{id}, {}: {sum}", report.name);
            let h = 1e-3 * largest(&run.progress().values);
            let value = |values: &[f64]| touch(&run, values).unwrap().report.elastic[i].1;
            let slopes: Vec<f64> = (0..n)
                .map(|p| {
                    let mut moved = [run.progress().values, run.progress().values];
                    moved[0][p] += h;
                    moved[1][p] -= h;
                    (value(&moved[0]) - value(&moved[1])) / (2.0 * h)
                })
                .collect();
            let numeric = parts_of(&run, &slopes);
            let size = largest(&parts);
            let error = parts.iter().zip(&numeric).map(|(a, b)| (a - b).abs() / size).fold(0.0, f64::max);
            assert!(error < 1e-5, "{id}, {}: {error:.1e}", report.name);
        }
        let beyond = run.shares(0, n + elastic.len() + mixtures.len(), Share::Knowledge);
        assert!(beyond.is_err());
    }
}

#[test]
fn the_sum_of_one_constant_alone_is_that_constant() {
    // All others are held: what is left of each sum is the constant.
    let plain = open(&job("cu_296", "one-phonon"));
    let (labels, values) = (plain.prepared.labels(), plain.progress().values);
    for p in [0, labels.len() - 1] {
        let mut given = job("cu_296", "one-phonon");
        let others = labels.iter().enumerate().filter(|(q, _)| *q != p);
        let fixed: BTreeMap<&str, f64> = others.map(|(q, label)| (label.as_str(), values[q])).collect();
        given["constraints"] = json!({"fixed": fixed});
        let run = open(&given);
        let mixtures = mixtures_of(&run);
        assert_eq!(mixtures.len(), 1);
        let unit: Vec<f64> = (0..labels.len()).map(|q| f64::from(u8::from(q == p))).collect();
        assert_eq!(mixtures[0].weights.iter().map(|w| w.abs()).collect::<Vec<_>>(), unit);
        let last = labels.len() + run.progress().elastic.len();
        for share in [Share::Knowledge, Share::Slope] {
            let (alone, sum) = (run.shares(0, p, share).unwrap(), run.shares(0, last, share).unwrap());
            let size = largest(&alone);
            assert!(
                alone.iter().zip(&sum).all(|(a, b)| (a - b).abs() < 1e-10 * size),
                "{share:?} of {}",
                labels[p]
            );
        }
        assert!((mixtures[0].sigma / run.progress().sigma[p].unwrap() - 1.0).abs() < 1e-9);
    }
}

#[test]
fn a_touch_shows_the_model_of_the_constants_it_is_given() {
    let all = library()
        .into_iter()
        .flat_map(|entry| ["one-phonon", "all-order"].map(|order| (entry.id.clone(), order)));
    for (id, order) in all {
        let run = open(&job(&id, order));
        let here = run.progress();
        // Where the fit stands it is what the fit shows.
        let touched = touch(&run, &here.values).unwrap();
        assert!((touched.report.chi2_reduced.unwrap() / here.chi2_reduced - 1.0).abs() < 1e-12);
        let (models, model) = (touched.models.unwrap(), run.model(0));
        assert!(models[0].iter().zip(&model).all(|(a, b)| (a / b - 1.0).abs() < 1e-12));
        // Elsewhere: exactly what the fit would show there with one phonon, nearly so with frozen higher orders.
        let mut moved = here.values.clone();
        moved[0] *= 1.1;
        let touched = touch(&run, &moved).unwrap();
        let mut there = open(&job(&id, order));
        there.place(&moved).unwrap();
        let tolerance = if order == "one-phonon" { 1e-10 } else { 0.1 };
        let (models, model) = (touched.models.unwrap(), there.model(0));
        let apart = models[0].iter().zip(&model).map(|(a, b)| (a / b - 1.0).abs()).fold(0.0, f64::max);
        assert!(apart < tolerance, "{id}, {order}: {apart:.1e}");
        if order == "one-phonon" {
            let chi2 = there.progress().chi2_reduced;
            assert!((touched.report.chi2_reduced.unwrap() / chi2 - 1.0).abs() < 1e-10);
        }
        // All orders follow where a hand wants them to.
        let hand = Hand { values: moved.clone(), all_orders: true, ..Hand::default() };
        let followed = run.touch(&hand).unwrap();
        assert_eq!(touched.report.beyond > 0.0, order == "all-order");
        assert_eq!(followed.report.beyond, 0.0);
        let models = followed.models.unwrap();
        let apart = models[0].iter().zip(&model).map(|(a, b)| (a / b - 1.0).abs()).fold(0.0, f64::max);
        assert!(apart < 1e-10, "{id}, {order}: {apart:.1e}");
        let chi2 = there.progress().chi2_reduced;
        assert!((followed.report.chi2_reduced.unwrap() / chi2 - 1.0).abs() < 1e-10);
        assert_eq!(touched.report.values, moved);
        let c11 = touched.report.elastic.iter().find(|e| e.0 == "C11").unwrap().1;
        let before = here.elastic.iter().find(|e| e.name == "C11").unwrap().value;
        assert!((c11 / before - 1.0).abs() > 1e-3, "{id}: C11 {before} → {c11}");
    }
}

#[test]
fn a_touch_is_the_same_however_many_share_its_work() {
    let mut given = job("cu_296", "one-phonon");
    // Two data sets, the second of fewer points than there are shares.
    let mut few = given["data"][0].clone();
    few["synthetic"]["h"] = json!([0.31, 1.47, 2]);
    few["synthetic"]["k"] = json!([0.13, 1.71, 2]);
    few["synthetic"]["l"] = json!([0.17, 0.59, 1]);
    // The third is a grid, whose points share their wave vectors.
    let mut grid = few.clone();
    grid["synthetic"]["h"] = json!([0.25, 6.0, 24]);
    grid["synthetic"]["k"] = json!([0.25, 6.0, 24]);
    grid["synthetic"]["l"] = json!([0.5, 0.5, 1]);
    given["data"].as_array_mut().unwrap().extend([few, grid]);
    for order in ["one-phonon", "all-order"] {
        given["model"]["order"] = json!(order);
        let run = open(&given);
        let mut values = run.progress().values;
        values[0] *= 1.05;
        for (temperature, all_orders) in
            [(None, false), (None, true), (Some(120.0), false), (Some(120.0), true)]
        {
            let hand = Hand { values: values.clone(), temperature, all_orders, ..Hand::default() };
            let alone = run.touch(&hand).unwrap();
            if all_orders && temperature.is_none() {
                let mut there = open(&given);
                there.place(&values).unwrap();
                for (t, model) in alone.models.iter().flatten().enumerate() {
                    let apart = model.iter().zip(there.model(t)).map(|(a, b)| (a / b - 1.0).abs());
                    assert!(apart.fold(0.0, f64::max) < 1e-10, "{order}, data set {t}");
                }
            }
            for n in [1, 2, 3, 7] {
                let shares: Vec<Vec<f64>> = (0..n).map(|i| run.touch_share(&hand, i, n).unwrap()).collect();
                let sizes: Vec<usize> = shares.iter().map(Vec::len).collect();
                let follow = order == "all-order" && all_orders && temperature.is_none();
                let terms = &run.session.problem.terms;
                let points = terms.iter().map(|term| term.model.n_points()).sum::<usize>();
                assert_eq!(sizes.iter().sum::<usize>(), if follow { 2 * points } else { points });
                let behind = order == "all-order" && !follow;
                assert_eq!(alone.report.beyond > 0.0, behind);
                assert_eq!(alone.report.beyond.is_infinite(), behind && temperature.is_some());
                assert!(n > 2 || sizes.iter().all(|size| *size > 0), "{n} shares: {sizes:?}");
                let shared = run.touch_of(&hand, &shares).unwrap();
                assert_eq!(shared.models, alone.models, "{order}, {n} shares");
                assert_eq!(shared.report.chi2_reduced, alone.report.chi2_reduced);
            }
        }
        // A crystal that is not stable is so for whoever meets it.
        values[0] *= -0.5;
        let hand = Hand { values, ..Hand::default() };
        let shares: Vec<Vec<f64>> = (0..2).map(|i| run.touch_share(&hand, i, 2).unwrap()).collect();
        assert!(run.touch_of(&hand, &shares).unwrap().models.is_none());
    }
}

#[test]
fn a_fit_goes_on_from_where_a_hand_put_it() {
    let mut run = open(&job("cu_296", "all-order"));
    let mut values = run.progress().values;
    values[0] *= 0.8;
    run.place(&values).unwrap();
    let placed = run.progress();
    assert_eq!((placed.iteration, &placed.values), (0, &values));
    // The arrow points back.
    assert!(placed.step[0] * values[0] > 0.0, "{:?}", placed.step);
    while run.session.progress().termination.is_none() {
        run.step(|| 0.0);
    }
    let end = run.progress();
    let mut other = open(&job("cu_296", "all-order"));
    while other.session.progress().termination.is_none() {
        other.step(|| 0.0);
    }
    for ((a, b), sigma) in end.values.iter().zip(other.progress().values).zip(&end.sigma) {
        assert!((a - b).abs() < 1e-2 * sigma.unwrap(), "{a} {b}");
    }
    // At the optimum the arrow is short.
    for (step, sigma) in end.step.iter().zip(&end.sigma) {
        assert!(step.abs() < 1e-2 * sigma.unwrap());
    }
    run.reset();
    assert!((run.progress().values[0] * 0.8 - values[0]).abs() < 1e-12);
}

#[test]
fn an_unstable_crystal_is_shown_and_not_put_in_force() {
    let mut run = open(&job("cu_296", "one-phonon"));
    let mut values = run.progress().values;
    values[0] *= -0.5;
    let touched = touch(&run, &values).unwrap();
    assert!(touched.models.is_none() && touched.report.chi2_reduced.is_none());
    let bands = run.touched_bands(&values).unwrap();
    assert!(bands.branches[0].iter().any(|f| *f < -0.1), "the soft branch lies below zero");
    let refused = run.place(&values).err().unwrap().to_string();
    assert!(refused.contains("stable"), "{refused}");
    for wrong in [&values[1..], &[f64::NAN; 18][..values.len()]] {
        let refused = touch(&run, wrong).err().unwrap().to_string();
        assert!(refused.contains("finite numbers, one for each constant"), "{refused}");
    }
}

#[test]
fn who_knows_a_constant_is_told_without_sigma_and_of_counts_too() {
    let files = |text: String| Files::from([("d.csv".to_owned(), text.into_bytes())]);
    let simulated = open(&job("cu_296", "one-phonon"));
    let set = &simulated.data[0];
    let mut plain = job("cu_296", "one-phonon");
    plain["data"] = json!([{"file": "d.csv", "ideal": true}]);
    for (likelihood, weighing) in [("gaussian", "equal"), ("poisson", "auto")] {
        plain["fit"] = json!({"likelihood": likelihood});
        plain["fit"]["weighing"] = json!(weighing);
        let text = tds_inversion::formats::table::write_csv(&set.hkl, &set.intensity, None);
        let given: Job = serde_json::from_value(plain.clone()).unwrap();
        let run = Run::new(&given, files(text)).unwrap_or_else(|error| panic!("{likelihood}: {error}"));
        for p in 0..3 {
            let parts = run.shares(0, p, Share::Knowledge).unwrap();
            let sum: f64 = parts.iter().filter(|x| x.is_finite()).map(|x| x * x).sum();
            assert!((sum - 1.0).abs() < 1e-6, "{likelihood}, constant {p}: {sum}");
        }
    }
}

/// Of the same crystal with the points of `run`, at another temperature and of another size; springs as they are.
fn elsewhere(job: &Value, stretch: f64, temperature: Option<f64>) -> Run<Files> {
    let mut other = job.clone();
    other["crystal"]["a"] = json!(job["crystal"]["a"].as_f64().unwrap() * stretch);
    if let Some(t) = temperature {
        other["model"]["temperature"] = json!(t);
    }
    open(&other)
}

#[test]
fn a_touch_shows_another_temperature_and_another_size_of_the_crystal() {
    for id in ["cu_296", "al_80"] {
        let given = job(id, "one-phonon");
        let run = open(&given);
        let values = run.progress().values;
        for (stretch, temperature) in [(None, Some(120.0)), (Some(1.02), None), (Some(0.97), Some(500.0))] {
            let hand = Hand { values: values.clone(), temperature, stretch, ..Hand::default() };
            let touched = run.touch(&hand).unwrap();
            // The intensities themselves, by a model made there: the data stay what they were.
            let there = elsewhere(&given, stretch.unwrap_or(1.0), temperature);
            let term = &there.session.problem.terms[0];
            let theta = &run.session.current().theta;
            let expected = term.model.intensities(&term.model.state(theta).unwrap()).unwrap();
            let nuisances = &touched.report.nuisances[0];
            let q2 = |row: usize| {
                let q = run.prepared.crystal.q_cart(&run.data[0].hkl[row]);
                q.norm_squared()
            };
            let named = run.session.problem.terms[0].measurement.named(&run.session.current().nuisances[0]);
            let mut worst = 0.0_f64;
            for (row, model) in touched.models.as_ref().unwrap()[0].iter().enumerate() {
                let mut ours = nuisances[0] * expected[row];
                for ((name, ..), amplitude) in named.iter().zip(&nuisances[1..]) {
                    ours += amplitude * if name.ends_with("q2") { q2(row) } else { 1.0 };
                }
                worst = worst.max((ours / model - 1.0).abs());
            }
            // Meshes that do not change with the temperature.
            assert!(worst < 1e-9, "{id} {stretch:?} {temperature:?}: {worst:.1e}");
        }
        // Back where it was.
        let again = touch(&run, &values).unwrap();
        assert!((again.report.chi2_reduced.unwrap() / run.progress().chi2_reduced - 1.0).abs() < 1e-12);
    }
}

#[test]
fn what_a_hand_holds_of_the_scale_stays_and_the_backgrounds_follow() {
    let mut given = job("cu_296", "one-phonon");
    given["nuisance"] = json!({"background": ["constant", "q2"]});
    let run = open(&given);
    let here = run.progress();
    let at = |held: Vec<Option<f64>>| {
        run.touch(&Hand { values: here.values.clone(), held: vec![held], ..Hand::default() }).unwrap().report
    };
    let free = at(vec![]);
    assert!((free.nuisances[0][0] / here.scale[0] - 1.0).abs() < 1e-9);
    let scale = 1.1 * here.scale[0];
    let held = at(vec![Some(scale), None, None]);
    assert_eq!(held.nuisances[0][0], scale);
    let (worse, best) = (held.chi2_reduced.unwrap(), free.chi2_reduced.unwrap());
    assert!(worse > best, "{worse} {best}");
    // The backgrounds are at their best given the scale: any other is worse.
    for k in [1, 2] {
        for by in [0.99, 1.01] {
            let mut all: Vec<Option<f64>> = held.nuisances[0].iter().copied().map(Some).collect();
            all[k] = all[k].map(|b| b * by);
            assert!(at(all).chi2_reduced.unwrap() > worse);
        }
    }
}

#[test]
fn another_size_is_refused_where_more_than_springs_feels_it() {
    let run = open(&job("cu_296", "one-phonon"));
    let hand = |stretch, temperature| Hand {
        values: run.progress().values,
        stretch,
        temperature,
        ..Hand::default()
    };
    for (hand, words) in
        [(hand(Some(3.0), None), "0.5 to 2"), (hand(None, Some(-4.0)), "a temperature from 0")]
    {
        let refused = run.touch(&hand).err().unwrap().to_string();
        assert!(refused.contains(words), "{refused}");
    }
}

#[test]
fn branches_orders_and_backgrounds_add_up_to_the_model_of_a_datum() {
    let mut worst = 0.0_f64;
    for entry in library() {
        for order in ["one-phonon", "all-order"] {
            let run = open(&job(&entry.id, order));
            let model = run.model(0);
            for row in [0, 7, model.len() - 1] {
                let parts = run.scattered(0, row).unwrap();
                let sum = parts.branches.iter().map(|b| b.intensity).sum::<f64>()
                    + parts.two
                    + parts.more
                    + parts.rest;
                worst = worst.max((sum / model[row] - 1.0).abs());
                assert!(parts.branches.iter().all(|b| b.intensity >= 0.0 && b.frequency > 0.0));
                assert_eq!(parts.two > 0.0, order == "all-order");
            }
        }
    }
    assert!(worst < 1e-10, "{worst:.1e}");
    // By themselves: the one-phonon part is that of a model of one phonon, two phonons those of the orders apart.
    let run = open(&job("cu_296", "all-order"));
    let term = &run.session.problem.terms[0];
    let at = run.session.current();
    let orders = term.model.orders(&term.model.state(&at.theta).unwrap()).unwrap();
    let s = at.nuisances[0].scale;
    let parts = run.scattered(0, 11).unwrap();
    let one: f64 = parts.branches.iter().map(|b| b.intensity).sum();
    for (ours, theirs) in
        [(one, orders.one[11]), (parts.two, orders.two[11]), (parts.more, orders.higher[11])]
    {
        assert!((ours / (s * theirs) - 1.0).abs() < 1e-9, "{ours} {}", s * theirs);
    }
}
