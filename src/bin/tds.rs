//! The headless runner of the same jobs as the page.

#![warn(clippy::unwrap_used)]

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    native::main()
}

/// There is no command line in a browser.
#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    mod compare;
    #[cfg(feature = "readers")]
    mod data;
    mod gradient;
    mod modes;
    mod params;
    mod phonons;
    mod processor;
    mod simulate;

    use std::fmt::Display;
    use std::io::{ErrorKind, Write};
    use std::path::{Path, PathBuf};
    use std::process::ExitCode;
    use std::time::{Instant, SystemTime};

    use clap::{Parser, Subcommand};
    use tds_inversion::fit::TerminationReason;
    use tds_inversion::formats::table::{read_points, write_table};
    use tds_inversion::job::Job;
    use tds_inversion::run::{CrystalReport, Files, Given, Prepared, Run, starts};
    use tds_inversion::{Error, Result, schema, set_threads};

    /// Interatomic force constants from thermal diffuse X-ray scattering.
    #[derive(Parser)]
    #[command(name = "tds", version)]
    struct Arguments {
        #[command(subcommand)]
        command: Command,
        /// Threads that share the work; the numbers do not depend on it. Without it, one for each core
        #[arg(long, global = true)]
        threads: Option<std::num::NonZeroUsize>,
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
        /// Frequencies, THz ascending, at the points of a CSV with columns h, k, l (input cell), or along a path
        Phonons {
            job: PathBuf,
            #[cfg_attr(
                feature = "chosen",
                arg(long, conflicts_with = "path", required_unless_present = "path")
            )]
            #[cfg_attr(not(feature = "chosen"), arg(long, required = true))]
            q: Option<PathBuf>,
            /// Points of the zone by name or as h k l: "Γ – X – 1 0.25 0.25 | Γ – L"; "" is the usual path of the lattice
            #[cfg(feature = "chosen")]
            #[arg(long)]
            path: Option<String>,
            /// Points along the path, about
            #[cfg(feature = "chosen")]
            #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(2..=100_000))]
            points: u32,
            #[arg(long)]
            out: PathBuf,
            /// h,k,l (input cell) of the direction from which points of the reciprocal lattice are reached: in a polar
            /// crystal it splits optical branches (LO and TO). Without it they have no field
            #[arg(long, requires = "q", value_parser = modes::hkl, allow_hyphen_values = true)]
            direction: Option<[f64; 3]>,
        },
        /// The density of states by the linear tetrahedron method, modes per THz and primitive cell
        #[cfg(feature = "chosen")]
        Dos {
            job: PathBuf,
            #[arg(long)]
            out: PathBuf,
            /// Intervals from the lowest frequency, or zero, to the highest
            #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
            intervals: u32,
            /// Points along the primitive reciprocal axes, n,n,n; without it as many as are computed in a moment
            #[arg(long, value_parser = phonons::mesh)]
            mesh: Option<[usize; 3]>,
            /// As JSON
            #[arg(long)]
            json: bool,
        },
        /// The phonons at one Q: frequencies, what each of them scatters, how the atoms move
        Modes {
            job: PathBuf,
            /// h,k,l of the input cell
            #[arg(long, value_parser = modes::hkl, allow_hyphen_values = true)]
            at: [f64; 3],
            /// As JSON, with the vectors
            #[arg(long)]
            json: bool,
        },
        /// What a measurement is understood as: a table, or a volume of voxels with the files that its links lead to
        #[cfg(feature = "readers")]
        Data {
            #[arg(required = true)]
            files: Vec<PathBuf>,
            /// Also write h, k, l, intensity[, sigma] of everything that was measured, as CSV
            #[arg(long)]
            out: Option<PathBuf>,
            /// As JSON
            #[arg(long)]
            json: bool,
            /// What the file does not say, as in the list `data` of a job: '{"axes": […], "region": {"l": [0, 1]}}'
            #[arg(long = "as", value_name = "JSON")]
            spec: Option<String>,
        },
        /// The crystal of a file: formula, space group, cell, atoms
        Crystal {
            file: PathBuf,
            /// As JSON
            #[arg(long)]
            json: bool,
            /// Å: moves the atoms onto the places that are symmetric within this distance
            #[arg(long)]
            tolerance: Option<f64>,
        },
        /// The JSON Schema of a job (docs/job.md describes the same fields)
        Schema {
            /// That of a result
            #[arg(long, conflicts_with = "page")]
            result: bool,
            /// That of everything that the engine tells a page
            #[arg(long, hide = true)]
            page: bool,
        },
        /// Fits the force constants to the data of the job
        Fit {
            job: PathBuf,
            #[arg(long)]
            out: PathBuf,
            /// Also write FORCE_CONSTANTS, POSCAR and phonopy.yaml into this folder
            #[arg(long)]
            export: Option<PathBuf>,
            /// Also write h,k,l,intensity,sigma,model,used of every datum (several data sets: one file each, numbered)
            #[arg(long)]
            residuals: Option<PathBuf>,
            /// Also from so many other starts around that of the job; the best end is written
            #[arg(long, default_value_t = 0)]
            starts: usize,
        },
        /// The misfit of force constants that another program made, and its derivative to every one of them in the same
        /// layout (FORCE_CONSTANTS or force_constants.hdf5, here in Å²/eV): for a model outside that is fitted through
        /// the scattering
        Gradient {
            job: PathBuf,
            /// FORCE_CONSTANTS (the job's `force_constants.start` says its `supercell_matrix`), or a phonopy.yaml or
            /// force_constants.hdf5 with them
            #[arg(long)]
            force_constants: PathBuf,
            /// HDF5 where its name ends in .hdf5 or .h5, to the last bit; else text
            #[arg(long)]
            out: PathBuf,
            /// As JSON, with the irreducible constants
            #[arg(long)]
            json: bool,
        },
        /// What the potential of the job costs against free constants: both fits, with AIC and BIC
        #[cfg(feature = "potentials")]
        Potential {
            job: PathBuf,
            /// Folder for the potential that was found: lines and tables for LAMMPS, its curves as a table
            #[arg(long)]
            lammps: Option<PathBuf>,
            #[arg(long)]
            json: bool,
        },
        /// How many shells of neighbours the data bear: a fit for each number, with AIC, BIC and cross-validation
        Shells {
            job: PathBuf,
            /// Most shells; without it, as many as the job has
            #[arg(long)]
            most: Option<usize>,
            /// Parts that the data are divided into for cross-validation; 1: none
            #[arg(long, default_value_t = 5)]
            folds: usize,
            #[arg(long)]
            json: bool,
        },
        /// How the constants scatter over fits to data drawn anew, cell by cell of reciprocal space
        Bootstrap {
            job: PathBuf,
            /// Number of fits
            #[arg(long, default_value_t = 100)]
            fits: usize,
            #[arg(long, default_value_t = 0)]
            seed: u64,
            #[arg(long)]
            json: bool,
        },
        /// What to measure next: the simulated data of the job, ordered by what they would add to the measured ones
        #[cfg(feature = "simulated")]
        Plan {
            job: PathBuf,
            #[arg(long)]
            json: bool,
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

        #[cfg(feature = "readers")]
        fn open(&self, name: &str) -> Result<tds_inversion::formats::volume::SharedSource> {
            tds_inversion::formats::volume::DiskFile::open(name, &self.0.join(name))
        }
    }

    pub fn main() -> ExitCode {
        if let Some(what) = processor::lacks() {
            tell(&what);
            return ExitCode::from(2);
        }
        let Arguments { command, threads } = Arguments::parse();
        if let Some(n) = threads {
            set_threads(n.get());
        }
        match run(command) {
            Ok(code) => code,
            Err(error) => {
                tell(&error);
                ExitCode::from(2)
            }
        }
    }

    fn run(command: Command) -> Result<ExitCode> {
        match command {
            Command::Params { job, json } => params::list(&job, json),
            Command::Simulate { job, hkl: Some(hkl), out, orders } => simulate::at(&job, &hkl, &out, orders),
            Command::Simulate { job, out, .. } => simulate::measurement(&job, &out),
            #[cfg(feature = "chosen")]
            Command::Phonons { job, path: Some(path), points, out, .. } => {
                phonons::along(&job, &path, points as usize, &out)
            }
            Command::Phonons { job, q, out, direction, .. } => {
                phonons::at(&job, &q.unwrap_or_default(), &out, direction)
            }
            #[cfg(feature = "chosen")]
            Command::Dos { job, out, intervals, mesh, json } => {
                phonons::density(&job, &out, intervals as usize, mesh, json)
            }
            Command::Modes { job, at, json } => modes::at(&job, &at, json),
            #[cfg(feature = "readers")]
            Command::Data { files, out, json, spec } => {
                data::run(&files, out.as_deref(), json, spec.as_deref())
            }
            Command::Crystal { file, json, tolerance } => crystal(&file, json, tolerance),
            Command::Schema { result: true, .. } => schema(&schema::result()),
            Command::Schema { page: true, .. } => schema(&schema::page()),
            Command::Schema { .. } => schema(&schema::job()),
            Command::Fit { job, out, export, residuals, starts } => {
                fit(&job, &out, export.as_deref(), residuals.as_deref(), starts)
            }
            Command::Gradient { job, force_constants, out, json } => {
                gradient::of(&job, &force_constants, &out, json)
            }
            #[cfg(feature = "potentials")]
            Command::Potential { job, lammps, json } => compare::potential(&job, lammps.as_deref(), json),
            Command::Shells { job, most, folds, json } => compare::by_shells(&job, most, folds, json),
            Command::Bootstrap { job, fits, seed, json } => compare::drawn(&job, fits, seed, json),
            #[cfg(feature = "simulated")]
            Command::Plan { job, json } => compare::next(&job, json),
        }
    }

    /// A line for people. Nobody may be listening.
    fn tell(line: &dyn Display) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// Text for whatever reads the standard output; where that has heard enough, the rest is not wanted.
    fn print(text: &str) -> Result<()> {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Error::file("standard output", error.to_string(), "a place that can be written"))
            }
            _ => Ok(()),
        }
    }

    fn open(path: &Path) -> Result<(Job, Folder)> {
        let job = Job::read(&path.display().to_string(), &read(path)?).map_err(with_reference)?;
        Ok((job, Folder(path.parent().map(Path::to_path_buf).unwrap_or_default())))
    }

    /// What is wrong with the form of a job, with the place where its fields are described.
    fn with_reference(error: Error) -> Error {
        match error {
            Error::Input { place, what, expected } => {
                let expected =
                    format!("{} (docs/job.md describes each field)", expected.trim_end_matches('.'));
                Error::Input { place, what, expected }
            }
            other => other,
        }
    }

    fn prepare(path: &Path) -> Result<Prepared> {
        let (job, folder) = open(path)?;
        let files = Given::new(folder);
        let mut prepared = Prepared::new(&job, &files)?;
        prepared.warnings.extend(files.notes());
        warn(&prepared);
        Ok(prepared)
    }

    /// Now, ISO 8601 in UTC, to the second.
    fn now() -> String {
        let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let (days, rest) = ((seconds / 86_400) as i64, seconds % 86_400);
        // Days from civil, Howard Hinnant, <https://howardhinnant.github.io/date_algorithms.html>.
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i64::from(month <= 2);
        let (h, m, s) = (rest / 3600, rest / 60 % 60, rest % 60);
        format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z")
    }

    fn read(path: &Path) -> Result<Vec<u8>> {
        std::fs::read(path)
            .map_err(|e| Error::file(&path.display().to_string(), e.to_string(), "a readable file"))
    }

    fn write(path: &Path, content: &(impl AsRef<[u8]> + ?Sized)) -> Result<()> {
        std::fs::write(path, content).map_err(|e| {
            Error::file(&path.display().to_string(), e.to_string(), "a place that can be written")
        })
    }

    fn warn(prepared: &Prepared) {
        for warning in &prepared.warnings {
            tell(&format_args!("note: {warning}"));
        }
    }

    fn schema(schema: &impl serde::Serialize) -> Result<ExitCode> {
        let text = serde_json::to_string_pretty(schema)
            .map_err(|e| Error::file("schema", e.to_string(), "a schema that can be written"))?;
        print(&(text + "\n"))?;
        Ok(ExitCode::SUCCESS)
    }

    fn crystal(file: &Path, as_json: bool, tolerance: Option<f64>) -> Result<ExitCode> {
        let name = file.display().to_string();
        let report = CrystalReport::read(&name, &Folder(PathBuf::new()), tolerance)?;
        if !as_json {
            print(&report.to_string())?;
            return Ok(ExitCode::SUCCESS);
        }
        let text = serde_json::to_string_pretty(&report)
            .map_err(|e| Error::file(&name, e.to_string(), "a report that can be written"))?;
        print(&(text + "\n"))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Points with their lines.
    type Points = Vec<(usize, [f64; 3])>;

    fn points(path: &Path) -> Result<(String, Points)> {
        let name = path.display().to_string();
        let list = read_points(&name, &read(path)?)?;
        Ok((name, list))
    }

    fn fit(
        job: &Path,
        out: &Path,
        export: Option<&Path>,
        residuals: Option<&Path>,
        others: usize,
    ) -> Result<ExitCode> {
        let start = Instant::now();
        let (mut job, files) = open(job)?;
        if others > 0 {
            let (best, fits) = starts(&job, &files, others, 0, &mut |line| tell(&line))?;
            let same = fits.iter().filter(|f| f.chi2_reduced < fits[0].chi2_reduced * (1.0 + 1e-6)).count();
            tell(&format_args!(
                "{same} of {} starts end at the best misfit, χ²/n {:.4}; the worst at {:.4}",
                fits.len(),
                fits[0].chi2_reduced,
                fits[fits.len() - 1].chi2_reduced
            ));
            job = best;
        }
        let mut run = Run::new(&job, files)?;
        warn(&run.prepared);
        tell(&run.progress().message);
        while run.session.progress().termination.is_none() {
            run.step(|| start.elapsed().as_secs_f64());
            let has_ended = run.session.progress().termination.is_some();
            // A verdict on the way would take longer than a step.
            tell(&if has_ended { run.progress() } else { run.brief() }.message);
        }
        let result = run.result(start.elapsed().as_secs_f64(), &now());
        result.require_finite()?;
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
        for n in (0..run.data.len()).filter(|_| residuals.is_some()) {
            let (set, model, used) = (&run.data[n], run.model(n), run.used(n));
            let rows = (0..model.len()).map(|i| {
                let [h, k, l] = set.hkl[i];
                let sigma = run.sigma(n, i).unwrap_or(f64::NAN);
                [h, k, l, set.intensity[i], sigma, model[i], f64::from(u8::from(used[i]))]
            });
            let text = write_table(&["h", "k", "l", "intensity", "sigma", "model", "used"], rows);
            let mut path = residuals.unwrap_or(out).to_path_buf();
            if n > 0 {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let name = format!("{stem}_{}.csv", n + 1);
                path.set_file_name(name);
            }
            write(&path, &text)?;
        }
        let converged = result.termination == Some(TerminationReason::Converged);
        Ok(if converged { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}
