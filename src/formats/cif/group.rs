//! The operations of a CIF: as listed, or by the symbols and the number of its space group.

use nalgebra::{Matrix3, Vector3};

use super::block::Block;
use super::operations::{Affine, closed, mended, parse, strain};
use super::symbols::{Setting, by_hall, by_name, by_number};
use crate::base::text::quote;
use crate::crystal::{Cell, SpaceGroup, Symmetry};
use crate::{Error, Result};

/// Operations that the file may mean, with their name.
pub struct Choice {
    pub title: String,
    pub operations: Vec<Affine>,
}

const LISTED: [&str; 3] = [
    "_space_group_symop_operation_xyz",
    "_symmetry_equiv_pos_as_xyz",
    "_space_group_symop_magn_operation_xyz",
];
const CENTRINGS: [&str; 1] = ["_space_group_symop_magn_centering_xyz"];
const HALL: [&str; 2] = ["_space_group_name_hall", "_symmetry_space_group_name_hall"];
const NAME: [&str; 5] = [
    "_space_group_name_h-m_alt",
    "_symmetry_space_group_name_h-m",
    "_space_group_name_h-m_ref",
    "_space_group_name_h-m_full",
    "_symmetry_space_group_name_h-m_full",
];
const NUMBER: [&str; 2] = ["_space_group_it_number", "_symmetry_int_tables_number"];
const CODE: [&str; 1] = ["_space_group_it_coordinate_system_code"];

/// Relative change of the metric beyond which a cell does not have a symmetry.
const STRAIN: f64 = 0.02;

/// One choice where the file is clear, several where it does not say which origin it has.
///
/// # Errors
/// Operations or symbols that cannot be understood, or that the cell does not have.
pub fn choices(
    name: &str,
    block: &Block,
    lattice: &Matrix3<f64>,
    notes: &mut Vec<String>,
) -> Result<Vec<Choice>> {
    let metric = lattice.transpose() * lattice;
    let named = settings(name, block)?;
    if let Some(listed) = listed(name, block)? {
        let line = listed.line;
        let all = closed(&listed.operations);
        let whole = all.as_ref().is_some_and(|all| all.len() <= listed.operations.len());
        let mended = if whole { None } else { mended(&listed.operations) };
        if let Some((_, left_out)) = &mended {
            let numbers: Vec<String> = left_out.iter().map(|n| (n + 1).to_string()).collect();
            notes.push(format!(
                "The listed operations are no group; without no. {} the others make one of as many operations, which is \
                 taken.",
                numbers.join(" and ")
            ));
        }
        let Some(operations) = mended.map(|(operations, _)| operations).or(all) else {
            let what = "the operations generate no space group";
            return Err(Error::at(name, line, what, "the operations of a crystal, such as `-x,y+1/2,z`"));
        };
        if strain(&operations, &metric) > STRAIN {
            let what = "the cell does not have the symmetry of the operations";
            return Err(Error::at(name, line, what, "lengths and angles that the operations keep"));
        }
        if operations.len() > listed.operations.len() {
            notes.push(format!(
                "The file lists {} operations, whose products are {}; all of them are taken.",
                listed.operations.len(),
                operations.len()
            ));
        }
        if let Some((given, settings)) = &named
            && let Some(own) = type_of(&operations, lattice)
            && settings.iter().all(|setting| setting.number != own.number)
        {
            notes.push(format!(
                "The space group {given} contradicts the operations, which are those of {} (no. {}): the operations are \
                 taken.",
                own.symbol, own.number
            ));
        }
        return Ok(vec![Choice { title: "as listed".into(), operations }]);
    }
    let Some((given, settings)) = named else {
        notes.push("The file gives no symmetry: its atoms are taken for all atoms of the cell (P 1).".into());
        return Ok(vec![Choice { title: "P 1".into(), operations: closed(&[]).unwrap_or_default() }]);
    };
    let fitting: Vec<Choice> = settings
        .iter()
        .map(|setting| (setting, setting.operations()))
        .filter(|(_, operations)| strain(operations, &metric) < STRAIN)
        .map(|(setting, operations)| Choice { title: setting.title.clone(), operations })
        .collect();
    let Some(first) = fitting.first().map(|choice| choice.operations.len()) else {
        let what = format!("the cell does not fit the space group {given}");
        return Err(Error::file(name, what, "lengths and angles that its operations keep"));
    };
    // Origins are left open; of unique axes and cells the first that fits is meant.
    let origins = |setting: &Setting| setting.code.starts_with(['1', '2']);
    let open = settings.iter().all(origins);
    Ok(fitting
        .into_iter()
        .filter(|choice| choice.operations.len() == first)
        .take(if open { 2 } else { 1 })
        .collect())
}

struct Listed {
    line: usize,
    operations: Vec<Affine>,
}

/// The operations as the file lists them.
fn listed(name: &str, block: &Block) -> Result<Option<Listed>> {
    let read = |tags: &[&str]| -> Result<Option<Listed>> {
        let column = block.column(tags).unwrap_or_default();
        let mut found: Option<Listed> = None;
        for entry in column.into_iter().filter(|entry| entry.known().is_some()) {
            let operation = parse(&entry.text).ok_or_else(|| {
                let what = format!("{} is no symmetry operation", quote(&entry.text));
                Error::at(name, entry.line, what, "one such as `-y+1/2,x,z`")
            })?;
            let listed = found.get_or_insert(Listed { line: entry.line, operations: vec![] });
            listed.operations.push(operation);
            if listed.operations.len() > super::operations::MOST_OPERATIONS {
                let what = "there are more operations than any crystal has";
                return Err(Error::at(name, entry.line, what, "at most 192"));
            }
        }
        Ok(found)
    };
    let mut found = read(&LISTED)?;
    if let (Some(found), Some(centrings)) = (&mut found, read(&CENTRINGS)?) {
        // Magnetic structures list the centring translations apart.
        let all = closed(&[found.operations.clone(), centrings.operations].concat());
        found.operations = all.unwrap_or_else(|| std::mem::take(&mut found.operations));
    }
    Ok(found)
}

/// What the file calls its space group, and the settings that may be.
fn settings(name: &str, block: &Block) -> Result<Option<(String, Vec<Setting>)>> {
    if let Some((_, hall)) = block.get(&HALL)
        && let Some(setting) = by_hall(hall)
    {
        return Ok(Some((hall.to_owned(), vec![setting])));
    }
    let code = block.get(&CODE).map(|(_, text)| text.to_owned());
    let number = block.get(&NUMBER);
    let valid = number.and_then(|(_, text)| text.parse::<i32>().ok()).filter(|n| (1..=230).contains(n));
    if let Some((entry, symbol)) = block.get(&NAME) {
        let found = by_name(symbol, code.as_deref());
        if !found.is_empty() {
            return Ok(Some((symbol.to_owned(), found)));
        }
        if valid.is_none() && listed(name, block)?.is_none() {
            let what = format!("the space group {} is not known", quote(symbol));
            return Err(Error::at(name, entry.line, what, "a Hermann–Mauguin symbol such as `P 63/m m c`"));
        }
    }
    match (number, valid) {
        (Some((_, text)), Some(valid)) => {
            let found = by_number(valid, code.as_deref());
            let found = if found.is_empty() { by_number(valid, None) } else { found };
            Ok(Some((format!("no. {text}"), found)))
        }
        (Some((entry, text)), None) if listed(name, block)?.is_none() => {
            let what = format!("the space group number is {}", quote(text));
            Err(Error::at(name, entry.line, what, "a whole number from 1 to 230"))
        }
        _ => Ok(None),
    }
}

/// The type of the group that operations form: that of a crystal with three different atoms in general positions.
fn type_of(operations: &[Affine], lattice: &Matrix3<f64>) -> Option<SpaceGroup> {
    let general = [[0.1357, 0.2718, 0.0577], [0.3119, 0.0823, 0.4271], [0.0391, 0.4463, 0.2137]];
    let mut cell = Cell { lattice: *lattice, symbols: vec![], positions: vec![], masses: vec![] };
    for (kind, position) in general.into_iter().enumerate() {
        for operation in operations {
            cell.symbols.push(["H", "He", "Li"][kind].into());
            cell.masses.push(1.0 + kind as f64);
            cell.positions.push(operation.apply(&Vector3::from(position)));
        }
    }
    let found = Symmetry::find(&cell, 1e-4 * lattice.amax()).ok()?;
    (found.order() == operations.len()).then_some(found.space_group)
}
