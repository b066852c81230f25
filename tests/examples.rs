//! The simulated measurements that come with the page are what `cargo xtask examples` writes of their jobs.

use std::path::PathBuf;

use serde_json::{Value, json};
use tds_inversion::job::Job;
use tds_inversion::run::{Files, Run};
use tds_inversion::{Error, Result};

struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, name: &str) -> Result<Vec<u8>> {
        std::fs::read(self.0.join(name)).map_err(|e| Error::file(name, e.to_string(), "an example"))
    }
}

fn folder() -> Folder {
    Folder(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("www/examples"))
}

fn read(name: &str) -> Value {
    serde_json::from_slice(&folder().read(name).unwrap()).unwrap()
}

fn run(job: &Value) -> Run<Folder> {
    Run::new(&serde_json::from_value::<Job>(job.clone()).unwrap(), folder()).unwrap()
}

#[test]
fn every_example_is_its_reference_simulated_with_the_seed_that_stands_beside_it() {
    let list = read("index.json");
    for entry in list.as_array().unwrap() {
        let job = read(entry["job"].as_str().unwrap());
        let mut simulating = job.clone();
        let mut synthetic = entry["simulation"].clone();
        synthetic["values"] = job["reference"].clone();
        simulating["data"] = json!([{ "synthetic": synthetic }]);
        let (kept, made) = (run(&job), run(&simulating));
        let (kept, made) = (&kept.data[0], &made.data[0]);
        let title = &entry["title"];
        assert_eq!(kept.hkl.len(), made.hkl.len(), "{title}");
        let (kept_sigma, made_sigma) = (kept.sigma.as_ref().unwrap(), made.sigma.as_ref().unwrap());
        let mut other_counts = 0;
        for i in 0..kept.hkl.len() {
            assert!((0..3).all(|k| (kept.hkl[i][k] - made.hkl[i][k]).abs() < 1e-6), "{title}, row {i}");
            assert!((kept_sigma[i] / made_sigma[i] - 1.0).abs() < 1e-3, "{title}, row {i}");
            other_counts += usize::from(kept.intensity[i] != made.intensity[i]);
        }
        // Rounding may tip a count over, and no more than that.
        assert!(other_counts <= kept.hkl.len() / 500, "{title}: {other_counts} other counts");
    }
}

#[test]
fn before_a_fit_data_of_another_structure_are_doubted_and_no_example_is() {
    let list = read("index.json");
    let jobs: Vec<Value> =
        list.as_array().unwrap().iter().map(|entry| read(entry["job"].as_str().unwrap())).collect();
    let structure = |job: &Value| job["crystal"]["prototype"].as_str().map(str::to_owned);
    for data in &jobs {
        for crystal in &jobs {
            let mut job = crystal.clone();
            job["model"]["order"] = json!("one-phonon");
            job["data"] = data["data"].clone();
            job.as_object_mut().unwrap().remove("reference");
            let hints = run(&job).hints();
            let name = data["data"][0]["file"].as_str().unwrap();
            println!("{name} as {:?}: {hints:?}", structure(crystal));
            match (structure(data), structure(crystal)) {
                (a, b) if a == b => assert!(hints.is_empty(), "{name}: {hints:?}"),
                // Silicon and nickel share most of their peaks.
                (Some(a), Some(b)) if a == "fcc" || b == "fcc" && a != "bcc" => {}
                (_, b) => assert!(hints.iter().any(|h| h.contains("hardly rises")), "{name} as {b:?}"),
            }
        }
    }
}
