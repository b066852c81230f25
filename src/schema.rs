//! JSON Schemas (draft 2020-12) of what enters and leaves the program, made from the types themselves.
//!
//! The doc comment of a field is its `description`. Where it begins with a unit and a colon (“Å: lattice parameter”),
//! the unit stands under `unit`, a keyword that validators pass over.

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::base::forms::naming_defaults;
use crate::ifc::LibraryTitle;
use crate::job::Job;
use crate::run::{
    CrystalReport, Description, Export, FitResult, Hand, ModesReport, PhononsReport, ProgressReport,
    ScatteredReport, TouchReport,
};
#[cfg(feature = "chosen")]
use crate::run::{DensityReport, PathReport, PublishedReport, ZoneReport};
#[cfg(feature = "simulated")]
use crate::run::{PlannedMeasurement, ShellsTable};

/// The units that a description can begin with.
const UNITS: &[&str] = &[
    "Å",
    "Å⁻¹",
    "Å²",
    "counts",
    "counts per electron² per primitive cell",
    "data units",
    "e",
    "eV",
    "data units per electron² per primitive cell",
    "degrees",
    "keV",
    "meV",
    "electrons",
    "eV/Å²",
    "fraction",
    "GPa",
    "K",
    "r.l.u.",
    "seconds",
    "THz",
];

/// The schema of a job file: what may be written.
pub fn job() -> Schema {
    schema_of::<Job>(SchemaSettings::draft2020_12().for_deserialize())
}

/// The schema of a result file: what `tds fit` writes.
pub fn result() -> Schema {
    schema_of::<FitResult>(SchemaSettings::draft2020_12().for_serialize())
}

/// The schema of everything that the engine tells a page.
pub fn page() -> Schema {
    schema_of::<Page>(SchemaSettings::draft2020_12().for_serialize())
}

/// What the engine tells a page.
#[derive(JsonSchema)]
#[allow(dead_code)]
struct Page {
    description: Description,
    progress: ProgressReport,
    hand: Hand,
    touch: TouchReport,
    scattered: ScatteredReport,
    result: FitResult,
    export: Export,
    library: Vec<LibraryTitle>,
    #[cfg(feature = "readers")]
    summary: crate::formats::volume::Summary,
    crystal: CrystalReport,
    #[cfg(feature = "simulated")]
    shells: ShellsTable,
    #[cfg(feature = "simulated")]
    candidates: Vec<PlannedMeasurement>,
    #[cfg(feature = "potentials")]
    potentials: Vec<crate::run::PotentialTitle>,
    #[cfg(feature = "potentials")]
    potential_cost: crate::run::PotentialCost,
    #[cfg(feature = "potentials")]
    potential_curves: Vec<crate::run::CurveReport>,
    #[cfg(feature = "potentials")]
    potential_files: crate::run::PotentialFiles,
    #[cfg(feature = "potentials")]
    potential_choice: crate::run::PotentialChoice,
    phonons: PhononsReport,
    modes: ModesReport,
    #[cfg(feature = "chosen")]
    zone: ZoneReport,
    #[cfg(feature = "chosen")]
    path: PathReport,
    #[cfg(feature = "chosen")]
    density: DensityReport,
    #[cfg(feature = "chosen")]
    published: PublishedReport,
}

fn schema_of<T: JsonSchema>(settings: SchemaSettings) -> Schema {
    let mut schema = naming_defaults(|| settings.into_generator().into_root_schema_for::<T>());
    Described.transform(&mut schema);
    schema
}

/// Takes descriptions apart.
#[derive(Clone)]
struct Described;

impl Transform for Described {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Value::String(text)) = schema.get("description") {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            match text.split_once(": ").filter(|(unit, _)| UNITS.contains(unit)) {
                Some((unit, meaning)) => {
                    schema.insert("description".into(), capitalised(meaning).into());
                    schema.insert("unit".into(), unit.into());
                }
                None => {
                    schema.insert("description".into(), text.into());
                }
            }
        }
        transform_subschemas(self, schema);
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
