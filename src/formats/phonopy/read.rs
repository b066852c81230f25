//! `phonopy.yaml`: cells, supercell matrix and, when the file carries them, force constants.
//!
//! Given in Å, amu, eV/Å², whatever the units of the file. Format:
//! <https://phonopy.github.io/phonopy/output-files.html>; lattice vectors are rows in the file, the columns of
//! `supercell_matrix` are the supercell's vectors in units of the unit cell's.

use nalgebra::{Matrix3, Vector3};

use super::contents::{PhonopyYaml, StoredForceConstants};
use super::supercell::{multiplicity, phonopy_supercell};
use super::units::{CALCULATORS_IN_EV_ANGSTROM, force_constants_unit, length_unit};
use super::yaml::{Node, Token, Yaml};
use crate::base::order::sort_by;
use crate::base::text::{finite, quote};
use crate::crystal::elements::species;
use crate::crystal::{Cell, LongRange, check_lattice};
use crate::{Error, Result};

/// Reads a phonopy.yaml in the units of any calculator; displacements and forces are passed over.
pub fn read_phonopy_yaml(name: &str, text: &str) -> Result<PhonopyYaml> {
    let sections = Sections::read(name, text)?;
    let (length, force_constants_unit) = sections.units(name)?;
    let Some(unit_node) = &sections.unit_cell else {
        return Err(Error::file(name, "there is no `unit_cell`", "a phonopy.yaml file with a unit cell"));
    };
    let unit_cell = read_cell(name, unit_node, length)?;
    let primitive_cell =
        sections.primitive_cell.as_ref().map(|node| read_cell(name, node, length)).transpose()?;
    let supercell_matrix = match &sections.supercell_matrix {
        Some(node) => read_supercell_matrix(name, node)?,
        None => Matrix3::identity(),
    };
    let matrix_line = sections.supercell_matrix.as_ref().map_or(unit_node.line, |node| node.line);
    let wrong_matrix =
        |what| Error::at(name, matrix_line, what, "a supercell matrix with a positive determinant");
    let cells = multiplicity(&supercell_matrix).map_err(wrong_matrix)?;
    let supercell = match &sections.supercell {
        None => phonopy_supercell(&unit_cell, &supercell_matrix).map_err(wrong_matrix)?,
        Some(node) => {
            let supercell = read_cell(name, node, length)?;
            let lattice = unit_cell.lattice * supercell_matrix.map(f64::from);
            if supercell.len() != cells * unit_cell.len() || (lattice - supercell.lattice).amax() > 1e-3 {
                let what = "the supercell does not follow from the unit cell and the supercell matrix";
                let expected = format!("{cells} unit cells of {} atoms each", unit_cell.len());
                return Err(Error::at(name, node.line, what, expected));
            }
            supercell
        }
    };
    let mut file = PhonopyYaml {
        unit_cell,
        primitive_cell,
        supercell,
        supercell_matrix,
        has_nac: sections.has_nac,
        force_constants_unit,
        long_range: sections.long_range(),
        force_constants: None,
    };
    if let Some(array) = sections.force_constants {
        let reduced_to = sections.supercell.as_ref().and_then(reduced_to);
        let mut stored = array.stored(name, &file, reduced_to)?;
        let unit = force_constants_unit.unwrap_or(1.0);
        stored.phi.iter_mut().for_each(|block| *block *= unit);
        file.force_constants = Some(stored);
    }
    Ok(file)
}

/// The parts of the file that are wanted, in whatever order they stand.
#[derive(Default)]
struct Sections {
    header: Option<Node>,
    units: Option<Node>,
    unit_cell: Option<Node>,
    primitive_cell: Option<Node>,
    supercell: Option<Node>,
    supercell_matrix: Option<Node>,
    force_constants: Option<Array>,
    has_nac: bool,
    born: Option<Node>,
    dielectric: Option<Node>,
    nac: Option<Node>,
}

impl Sections {
    fn read(name: &str, text: &str) -> Result<Self> {
        let mut yaml = Yaml::new(name, text);
        let mut sections = Self::default();
        match yaml.next()? {
            (_, Token::MapStart) => {}
            (line, _) => {
                return Err(Error::at(name, line, "this is no phonopy.yaml", "keys such as `unit_cell:`"));
            }
        }
        while let Some((line, key)) = yaml.key()? {
            let place = match key.as_str() {
                "phonopy" => &mut sections.header,
                "physical_unit" => &mut sections.units,
                "unit_cell" => &mut sections.unit_cell,
                "primitive_cell" => &mut sections.primitive_cell,
                "supercell" => &mut sections.supercell,
                "supercell_matrix" => &mut sections.supercell_matrix,
                // Files written before version 2.18 have the two keys at the top.
                "nac" => &mut sections.nac,
                "born_effective_charge" => &mut sections.born,
                "dielectric_constant" => &mut sections.dielectric,
                "force_constants" => {
                    if sections.force_constants.is_some() {
                        return Err(twice(name, line, &key));
                    }
                    sections.force_constants = Some(Array::read(&mut yaml, line)?);
                    continue;
                }
                _ => {
                    yaml.skip()?;
                    continue;
                }
            };
            if place.is_some() {
                return Err(twice(name, line, &key));
            }
            *place = Some(yaml.node()?);
        }
        sections.has_nac = sections.nac.is_some() || sections.born.is_some() || sections.dielectric.is_some();
        Ok(sections)
    }

    fn long_range(&self) -> Option<LongRange> {
        let inner = |key| self.nac.as_ref().and_then(|nac| nac.get(key));
        let tensor = |node: &Node| -> Option<Matrix3<f64>> {
            let rows: Vec<[f64; 3]> = node.list()?.iter().map(Node::numbers).collect::<Option<_>>()?;
            (rows.len() == 3).then(|| Matrix3::from_fn(|i, j| rows[i][j]))
        };
        let dielectric = tensor(self.dielectric.as_ref().or_else(|| inner("dielectric_constant"))?)?;
        let born = self.born.as_ref().or_else(|| inner("born_effective_charge"))?;
        let born = born.list()?.iter().map(tensor).collect::<Option<Vec<_>>>()?;
        let header = self.header.as_ref().and_then(|header| header.get("nac_unit_conversion_factor"));
        let factor = inner("unit_conversion_factor").or(header).and_then(Node::text).and_then(finite);
        Some(LongRange { born, dielectric, factor, total: Matrix3::zeros(), changed: 0.0 })
    }

    /// Å of a unit of length, and eV/Å² of a unit of force constants, which may be unknown where the file has none.
    fn units(&self, name: &str) -> Result<(f64, Option<f64>)> {
        let calculator = self.header.as_ref().and_then(|header| header.get("calculator"));
        let unit = |key: &str, expected: &str, what: &str, factor: fn(&str) -> Option<f64>| {
            if let Some(node) = self.units.as_ref().and_then(|units| units.get(key)) {
                return node.text().and_then(factor).ok_or_else(|| {
                    let what = format!("the {what} are in {}", node.describe());
                    Error::at(name, node.line, what, format!("`{expected}`"))
                });
            }
            match calculator {
                Some(node) if !node.text().is_some_and(|text| CALCULATORS_IN_EV_ANGSTROM.contains(&text)) => {
                    let what = format!("the {what} have no unit and the calculator is {}", node.describe());
                    Err(Error::at(
                        name,
                        node.line,
                        what,
                        format!("`{key}: \"{expected}\"` under `physical_unit:`"),
                    ))
                }
                _ => Ok(1.0),
            }
        };
        let length = unit("length", "angstrom", "lengths", length_unit)?;
        let force_constants =
            unit("force_constants", "eV/angstrom^2", "force constants", force_constants_unit);
        if self.force_constants.is_some() {
            return Ok((length, Some(force_constants?)));
        }
        Ok((length, force_constants.ok()))
    }
}

fn twice(name: &str, line: usize, key: &str) -> Error {
    Error::at(name, line, format!("`{key}` is given twice"), "one of each")
}

/// `length`: Å of the file's unit.
fn read_cell(name: &str, node: &Node, length: f64) -> Result<Cell> {
    let missing = |key: &str| {
        Error::at(
            name,
            node.line,
            format!("there is no list `{key}` of this cell"),
            "a cell with `lattice` and `points`",
        )
    };
    let vectors = node.get("lattice").ok_or_else(|| missing("lattice"))?;
    let rows: Option<Vec<[f64; 3]>> =
        vectors.list().and_then(|list| list.iter().map(Node::numbers).collect());
    let expected = "three lattice vectors of three numbers, in Å";
    let lattice = match rows.as_deref() {
        Some([a, b, c]) => Matrix3::from_columns(&[(*a).into(), (*b).into(), (*c).into()]) * length,
        _ => return Err(Error::at(name, vectors.line, "the lattice is incomplete", expected)),
    };
    check_lattice(&lattice).map_err(|what| Error::at(name, vectors.line, what, expected))?;
    let mut cell = Cell { lattice, symbols: vec![], positions: vec![], masses: vec![] };
    let points = node.get("points").ok_or_else(|| missing("points"))?;
    for point in points.list().filter(|list| !list.is_empty()).ok_or_else(|| missing("points"))? {
        if let Some(mixed) = point.get("mixture").or(point.get("weight")) {
            return Err(Error::at(
                name,
                mixed.line,
                "a site of mixed occupation",
                "one element on each site",
            ));
        }
        let symbol = point.get("symbol").and_then(Node::text).unwrap_or("");
        let species = species(symbol).ok_or_else(|| {
            Error::at(
                name,
                point.line,
                format!("{} is no element", quote(symbol)),
                "`symbol:` with an element",
            )
        })?;
        let position = point.get("coordinates").and_then(Node::numbers::<3>);
        let position = position.ok_or_else(|| {
            Error::at(name, point.line, "this atom has no position", "`coordinates:` with three numbers")
        })?;
        let mass = match point.get("mass") {
            Some(node) => node.text().and_then(finite).filter(|&mass| mass > 0.0).ok_or_else(|| {
                Error::at(
                    name,
                    node.line,
                    format!("{} is no mass", node.describe()),
                    "a positive number in amu",
                )
            })?,
            None => species.mass,
        };
        cell.symbols.push(species.symbol.to_owned());
        cell.positions.push(Vector3::from(position));
        cell.masses.push(mass);
    }
    Ok(cell)
}

/// Three rows of three integers, or the three integers of a diagonal.
fn read_supercell_matrix(name: &str, node: &Node) -> Result<Matrix3<i32>> {
    let rows: Option<Vec<[f64; 3]>> = node.list().and_then(|list| list.iter().map(Node::numbers).collect());
    let matrix = match (rows.as_deref(), node.numbers::<3>()) {
        (Some([a, b, c]), _) => Matrix3::from_columns(&[(*a).into(), (*b).into(), (*c).into()]).transpose(),
        (_, Some(diagonal)) => Matrix3::from_diagonal(&diagonal.into()),
        _ => Matrix3::repeat(0.5),
    };
    if matrix.iter().all(|x: &f64| x.fract() == 0.0 && x.abs() < 1e6) {
        Ok(matrix.map(|x| x as i32))
    } else {
        Err(Error::at(name, node.line, "this is no supercell matrix", "three rows of three integers"))
    }
}

/// For each atom of the supercell the atom of the primitive cell's image, zero-based, where the file says so.
fn reduced_to(supercell: &Node) -> Option<Vec<usize>> {
    let points = supercell.get("points")?.list()?;
    points.iter().map(|p| p.get("reduced_to")?.text()?.parse::<usize>().ok()?.checked_sub(1)).collect()
}

/// The section `force_constants`.
struct Array {
    line: usize,
    format: Option<String>,
    shape: Option<[f64; 2]>,
    phi: Option<Vec<Matrix3<f64>>>,
}

impl Array {
    fn read(yaml: &mut Yaml, line: usize) -> Result<Self> {
        let mut array = Self { line, format: None, shape: None, phi: None };
        match yaml.next()? {
            (_, Token::MapStart) => {}
            (line, _) => {
                let expected = "`format`, `shape` and `elements`";
                return Err(Error::at(yaml.name, line, "the force constants are incomplete", expected));
            }
        }
        while let Some((line, key)) = yaml.key()? {
            match key.as_str() {
                "format" => array.format = yaml.node()?.text().map(str::to_owned),
                "shape" => array.shape = yaml.node()?.numbers(),
                "elements" if array.phi.is_some() => return Err(twice(yaml.name, line, &key)),
                "elements" => array.phi = Some(read_blocks(yaml)?),
                _ => yaml.skip()?,
            }
        }
        Ok(array)
    }

    /// Checks the array against the cells and finds the atoms of its rows.
    fn stored(
        self,
        name: &str,
        file: &PhonopyYaml,
        reduced_to: Option<Vec<usize>>,
    ) -> Result<StoredForceConstants> {
        let n = file.supercell.len();
        let wrong = |what: String, expected: String| Error::at(name, self.line, what, expected);
        let Some([first, second]) = self.shape else {
            return Err(wrong(
                "the force constants have no shape".into(),
                "`shape:` with two integers".into(),
            ));
        };
        if second != n as f64 || first < 1.0 || first > second || first.fract() != 0.0 {
            let what = format!("the force constants have the shape {first} × {second}");
            return Err(wrong(what, format!("[ {n}, {n} ] or fewer rows, as the supercell has {n} atoms")));
        }
        let count = first as usize;
        let full = count == n;
        match self.format.as_deref() {
            Some("full") if full => {}
            Some("compact") | None => {}
            Some(other) => {
                let what = format!("the format {} with {count} rows for {n} atoms", quote(other));
                return Err(wrong(what, "`full` or `compact`".into()));
            }
        }
        let phi = self.phi.unwrap_or_default();
        if phi.len() != count * n {
            return Err(wrong(
                format!("there are {} blocks of 3 × 3", phi.len()),
                format!("{count} × {n} of them"),
            ));
        }
        let rows = if full { (0..n).collect() } else { compact_rows(file, reduced_to, count) };
        if rows.len() != count || rows.iter().any(|&row| row >= n) {
            let what =
                format!("{count} rows of force constants for {} atoms of a primitive cell", rows.len());
            return Err(wrong(what, "as many rows as atoms in the primitive cell".into()));
        }
        Ok(StoredForceConstants { rows, phi })
    }
}

/// The atoms of compact rows: the first images of the primitive cell's atoms, in the order of the supercell.
fn compact_rows(file: &PhonopyYaml, reduced_to: Option<Vec<usize>>, count: usize) -> Vec<usize> {
    if let Some(mut rows) = reduced_to {
        sort_by(&mut rows, usize::cmp);
        rows.dedup();
        return rows;
    }
    let Some(primitive) = file.primitive_cell.as_ref().filter(|cell| cell.len() == count) else {
        // Without a primitive cell it can only be the unit cell.
        let multiplicity = file.supercell.len() / file.unit_cell.len().max(1);
        return (0..file.unit_cell.len()).map(|atom| atom * multiplicity).collect();
    };
    let inverse = primitive.lattice.try_inverse().unwrap_or_else(Matrix3::zeros);
    let mut rows: Vec<usize> = (0..count)
        .filter_map(|atom| {
            (0..file.supercell.len()).find(|&image| {
                let shift = inverse * file.supercell.cartesian(image) - primitive.positions[atom];
                let rest = primitive.lattice * shift.map(|x| x - x.round());
                file.supercell.symbols[image] == primitive.symbols[atom] && rest.norm() < 1e-3
            })
        })
        .collect();
    sort_by(&mut rows, usize::cmp);
    rows.dedup();
    rows
}

/// The list of 3 × 3 blocks, read without keeping its text.
fn read_blocks(yaml: &mut Yaml) -> Result<Vec<Matrix3<f64>>> {
    let name = yaml.name;
    let wrong =
        |line, what: &str| Error::at(name, line, what, "a list of blocks of three rows of three numbers");
    let mut phi = Vec::new();
    match yaml.next()? {
        (_, Token::ListStart) => {}
        (line, _) => return Err(wrong(line, "the elements are no list")),
    }
    loop {
        match yaml.next()? {
            (_, Token::ListStart) => {}
            (_, Token::End) => return Ok(phi),
            (line, _) => return Err(wrong(line, "an element is no block of numbers")),
        }
        let mut block = Matrix3::zeros();
        for row in 0..3 {
            match yaml.next()? {
                (_, Token::ListStart) => {}
                (line, _) => return Err(wrong(line, "a block has fewer than three rows")),
            }
            for column in 0..3 {
                block[(row, column)] = match yaml.next()? {
                    (line, Token::Scalar(text)) => {
                        finite(&text).ok_or_else(|| wrong(line, &format!("{} is no number", quote(&text))))?
                    }
                    (line, _) => return Err(wrong(line, "a row has fewer than three numbers")),
                };
            }
            match yaml.next()? {
                (_, Token::End) => {}
                (line, _) => return Err(wrong(line, "a row has more than three numbers")),
            }
        }
        match yaml.next()? {
            (_, Token::End) => phi.push(block),
            (line, _) => return Err(wrong(line, "a block has more than three rows")),
        }
    }
}
