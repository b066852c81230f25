//! The headless runner of the same jobs as the page.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    native::main()
}

/// There is no command line in a browser.
#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::path::{Path, PathBuf};
    use std::process::ExitCode;
    use std::time::Instant;

    use clap::{Parser, Subcommand};
    use serde_json::json;
    use tds_inversion::data::csv::{read_points, write_csv, write_table};
    use tds_inversion::dynamics::frequencies;
    use tds_inversion::fit::TerminationReason;
    use tds_inversion::job::{Files, Job, Prepared, Run};
    use tds_inversion::{Error, Result};

    /// Interatomic force constants from thermal diffuse X-ray scattering.
    #[derive(Parser)]
    #[command(name = "tds", version)]
    struct Arguments {
        #[command(subcommand)]
        command: Command,
    }

    #[derive(Subcommand)]
    enum Command {
        /// The irreducible force constants: count, labels, pairs
        Params {
            job: PathBuf,
            /// As JSON
            #[arg(long)]
            json: bool,
        },
        /// Intensities, electron² per primitive cell, at the points of a CSV with columns h, k, l; without
        /// points, the measurement that the job simulates (`data[0].synthetic`), with its σ
        Simulate {
            job: PathBuf,
            #[arg(long)]
            hkl: Option<PathBuf>,
            #[arg(long)]
            out: PathBuf,
            /// Also the orders apart: columns one, two, higher
            #[arg(long, requires = "hkl")]
            orders: bool,
        },
        /// Frequencies, THz ascending, at the points of a CSV with columns h, k, l (input cell)
        Phonons {
            job: PathBuf,
            #[arg(long)]
            q: PathBuf,
            #[arg(long)]
            out: PathBuf,
        },
        /// Fits the force constants to the data of the job
        Fit {
            job: PathBuf,
            #[arg(long)]
            out: PathBuf,
            /// Also write FORCE_CONSTANTS, POSCAR and phonopy.yaml into this folder
            #[arg(long)]
            export: Option<PathBuf>,
        },
    }

    /// The folder of the job: paths in a job are relative to it.
    struct Folder(PathBuf);

    impl Files for Folder {
        fn read(&self, name: &str) -> Result<Vec<u8>> {
            read(&self.0.join(name)).map_err(|e| match e {
                Error::Input { what, expected, .. } => Error::file(name, what, expected),
                other => other,
            })
        }
    }

    pub fn main() -> ExitCode {
        match run(Arguments::parse().command) {
            Ok(code) => code,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::from(2)
            }
        }
    }

    fn run(command: Command) -> Result<ExitCode> {
        match command {
            Command::Params { job, json } => params(&job, json),
            Command::Simulate { job, hkl: Some(hkl), out, orders } => simulate(&job, &hkl, &out, orders),
            Command::Simulate { job, out, .. } => measurement(&job, &out),
            Command::Phonons { job, q, out } => phonons(&job, &q, &out),
            Command::Fit { job, out, export } => fit(&job, &out, export.as_deref()),
        }
    }

    fn open(path: &Path) -> Result<(Job, Folder)> {
        let name = path.display().to_string();
        let bytes = read(path)?;
        let text =
            std::str::from_utf8(&bytes).map_err(|_| Error::file(&name, "not UTF-8 text", "a job as JSON"))?;
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok((Job::parse(&name, text)?, Folder(folder)))
    }

    fn read(path: &Path) -> Result<Vec<u8>> {
        std::fs::read(path)
            .map_err(|e| Error::file(&path.display().to_string(), e.to_string(), "a readable file"))
    }

    fn write(path: &Path, text: &str) -> Result<()> {
        std::fs::write(path, text).map_err(|e| {
            Error::file(&path.display().to_string(), e.to_string(), "a place that can be written")
        })
    }

    fn warn(prepared: &Prepared) {
        for warning in &prepared.warnings {
            eprintln!("note: {warning}");
        }
    }

    fn params(job: &Path, as_json: bool) -> Result<ExitCode> {
        let (job, files) = open(job)?;
        let prepared = Prepared::new(&job, &files)?;
        warn(&prepared);
        let Some(basis) = &prepared.basis else {
            return Err(Error::job("force_constants.cutoff", "missing", "a cutoff in Å"));
        };
        let rows = basis.parameters.iter().enumerate().map(|(p, parameter)| {
            let (pairs, vector) = basis.orbit_of(p);
            (parameter.label.clone(), basis.distance(p), pairs, vector, prepared.theta[p])
        });
        if as_json {
            let parameters: Vec<_> = rows
                .map(|(label, distance, pairs, vector, value)| {
                    json!({"label": label, "distance_A": distance, "pairs": pairs, "vector_A": vector, "value_eV_A2": value})
                })
                .collect();
            let space_group = &prepared.crystal.space_group;
            let all = json!({
                "space_group": space_group.symbol,
                "count": parameters.len(),
                "cutoff_A": basis.cutoff,
                "parameters": parameters,
            });
            println!("{all:#}");
        } else {
            println!(
                "{} irreducible constants, {}, cutoff {:.4} Å",
                basis.len(),
                prepared.crystal.space_group.symbol,
                basis.cutoff
            );
            println!("{:<24}{:>12}{:>8}{:>14}   vector / Å", "label", "distance/Å", "pairs", "Φ / eV Å⁻²");
            for (label, distance, pairs, [x, y, z], value) in rows {
                println!("{label:<24}{distance:>12.5}{pairs:>8}{value:>14.6}   ({x:.4}, {y:.4}, {z:.4})");
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Points with their lines.
    type Points = Vec<(usize, [f64; 3])>;

    fn points(path: &Path) -> Result<(String, Points)> {
        let name = path.display().to_string();
        let list = read_points(&name, &read(path)?, ["h", "k", "l"])?;
        Ok((name, list))
    }

    fn simulate(job: &Path, hkl: &Path, out: &Path, orders: bool) -> Result<ExitCode> {
        let (job, files) = open(job)?;
        let prepared = Prepared::new(&job, &files)?;
        warn(&prepared);
        let (name, list) = points(hkl)?;
        let hkl: Vec<[f64; 3]> = list.iter().map(|p| p.1).collect();
        let on_bragg = |n: usize| {
            let (line, [h, k, l]) = list[n];
            Error::at(
                &name,
                line,
                format!("{h} {k} {l} is a reciprocal-lattice point"),
                "points off the Bragg peaks, where the diffuse intensity is finite",
            )
        };
        let found = prepared.simulate(&hkl, &on_bragg)?;
        let text = match (&found.orders, orders) {
            (_, false) => write_csv(&hkl, &found.intensity, found.standard_error.as_deref()),
            (Some(orders), true) => {
                let rows = hkl.iter().enumerate().map(|(i, p)| {
                    let [h, k, l] = *p;
                    vec![h, k, l, found.intensity[i], orders.one[i], orders.two[i], orders.higher[i]]
                });
                write_table(&["h", "k", "l", "intensity", "one", "two", "higher"], rows)
            }
            (None, true) => {
                return Err(Error::job(
                    "model.order",
                    "sampled intensities do not come apart into orders",
                    "\"all-order\"",
                ));
            }
        };
        write(out, &text)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Writes the first data set of a job that simulates its own.
    fn measurement(job: &Path, out: &Path) -> Result<ExitCode> {
        let (job, files) = open(job)?;
        if job.data.first().is_none_or(|data| data.synthetic.is_none()) {
            return Err(Error::job("data[0].synthetic", "missing", "a measurement to simulate, or --hkl"));
        }
        let run = Run::new(&job, files)?;
        warn(&run.prepared);
        let Some(data) = run.data.first() else {
            return Err(Error::job("data", "no data", "a measurement to simulate"));
        };
        write(out, &write_csv(&data.hkl, &data.intensity, data.sigma.as_deref()))?;
        Ok(ExitCode::SUCCESS)
    }

    fn phonons(job: &Path, q: &Path, out: &Path) -> Result<ExitCode> {
        let (job, files) = open(job)?;
        let prepared = Prepared::new(&job, &files)?;
        warn(&prepared);
        let (_, list) = points(q)?;
        let fc = prepared.family.at(&prepared.theta);
        let branches: Vec<String> =
            (1..=3 * prepared.crystal.n_atoms()).map(|n| format!("f{n}_THz")).collect();
        let header: Vec<&str> =
            ["h", "k", "l"].into_iter().chain(branches.iter().map(String::as_str)).collect();
        let mut unstable = false;
        let rows = list.iter().map(|(_, hkl)| {
            let q = prepared.crystal.q_cart(hkl);
            let f = frequencies(&fc, &prepared.crystal.primitive.masses, &q);
            unstable |= f.first().is_some_and(|f| *f < -1e-3);
            hkl.iter().copied().chain(f).collect::<Vec<f64>>()
        });
        let table = write_table(&header, rows);
        write(out, &table)?;
        if unstable {
            eprintln!("note: some frequencies are imaginary (written as negative): the crystal is unstable.");
        }
        Ok(ExitCode::SUCCESS)
    }

    fn fit(job: &Path, out: &Path, export: Option<&Path>) -> Result<ExitCode> {
        let start = Instant::now();
        let (job, files) = open(job)?;
        let mut run = Run::new(&job, files)?;
        warn(&run.prepared);
        eprintln!("{}", run.progress().message);
        while run.session.progress().termination.is_none() {
            run.step(|| start.elapsed().as_secs_f64());
            eprintln!("{}", run.progress().message);
        }
        let result = run.result(start.elapsed().as_secs_f64());
        let text = serde_json::to_string_pretty(&result).map_err(|e| {
            Error::file(&out.display().to_string(), e.to_string(), "a result that can be written")
        })?;
        write(out, &(text + "\n"))?;
        if let Some(folder) = export {
            let files = run.export()?;
            write(&folder.join("FORCE_CONSTANTS"), &files.FORCE_CONSTANTS)?;
            write(&folder.join("POSCAR"), &files.POSCAR)?;
            write(&folder.join("phonopy.yaml"), &files.phonopy_yaml)?;
        }
        let converged = result.termination == Some(TerminationReason::Converged);
        Ok(if converged { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}
