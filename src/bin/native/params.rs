//! `tds params`: the independent constants of a job.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use tds_inversion::run::Prepared;
use tds_inversion::{Error, Result};

use super::{prepare, print};

/// Count, labels and pairs, with the values that the job gives.
pub fn list(job: &Path, as_json: bool) -> Result<ExitCode> {
    let prepared = prepare(job)?;
    let Some(basis) = &prepared.basis else {
        return Err(Error::job("force_constants.cutoff", "missing", "a cutoff in Å"));
    };
    let (values, ties) = (prepared.all_constants(&prepared.theta), prepared.ties(&[]));
    if prepared.job.model.order.is_elastic() {
        return elastic_constants(&prepared, &values, as_json);
    }
    let meanings = prepared.meanings();
    let rows = basis.parameters.iter().zip(&meanings).enumerate().map(|(p, (parameter, meaning))| {
        let (pairs, vector) = basis.orbit_of(p);
        (&parameter.label, meaning, basis.distance(p), pairs, vector, values[p], ties[p])
    });
    let free = ties.iter().filter(|tie| tie.is_none()).count();
    if as_json {
        let parameters: Vec<_> = rows
            .map(|(label, meaning, distance, pairs, vector, value, tie)| {
                json!({"label": label, "meaning": meaning, "distance_A": distance, "pairs": pairs, "vector_A": vector,
                    "value_eV_A2": value, "imposed": tie})
            })
            .collect();
        let space_group = &prepared.crystal.space_group;
        let all = json!({
            "space_group": space_group.symbol,
            "count": parameters.len(),
            "free": free,
            "cutoff_A": basis.cutoff,
            "parameters": parameters,
        });
        print(&format!("{all:#}\n"))?;
    } else {
        let under = if free < basis.len() { format!(" ({free} free)") } else { String::new() };
        let mut text = format!(
            "{} irreducible constants{under}, {}, cutoff {:.4} Å\n{:<24}{:>12}{:>8}{:>14}   {:<28}what it is\n",
            basis.len(),
            prepared.crystal.space_group.symbol,
            basis.cutoff,
            "label",
            "distance/Å",
            "pairs",
            "Φ / eV Å⁻²",
            "vector / Å"
        );
        for (label, meaning, distance, pairs, [x, y, z], value, tie) in rows {
            let tie = tie.map_or(String::new(), |tie| format!("   {}", tie.word()));
            let vector = format!("({x:.4}, {y:.4}, {z:.4})");
            text +=
                &format!("{label:<24}{distance:>12.5}{pairs:>8}{value:>14.6}   {vector:<28}{meaning}{tie}\n");
        }
        print(&text)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Those of a job of elastic constants: no pairs belong to them.
fn elastic_constants(prepared: &Prepared, values: &[f64], as_json: bool) -> Result<ExitCode> {
    let (labels, ties) = (prepared.labels(), prepared.ties(&[]));
    let space_group = &prepared.crystal.space_group.symbol;
    let rows = || labels.iter().zip(values).zip(&ties);
    if as_json {
        let parameters: Vec<_> = rows()
            .map(|((label, value), tie)| json!({"label": label, "value_GPa": value, "imposed": tie}))
            .collect();
        let all = json!({"space_group": space_group, "count": labels.len(), "parameters": parameters});
        print(&format!("{all:#}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text =
        format!("{} elastic constants, {space_group}\n{:<8}{:>12}\n", labels.len(), "label", "C / GPa");
    for ((label, value), tie) in rows() {
        let tie = tie.map_or(String::new(), |tie| format!("   {}", tie.word()));
        text += &format!("{label:<8}{value:>12.3}{tie}\n");
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
