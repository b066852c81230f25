//! Curves along a path that may jump from one point of reciprocal space to another.

/// One point of a curve: place on the path, value, standard uncertainty (zero where unknown).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Place along the line.
    pub at: f64,
    /// Value there.
    pub value: f64,
    /// Its standard error.
    pub sigma: f64,
}

/// Cuts a curve where the path jumps, that is where the distance does not grow, and where a value
/// is missing.
pub fn pieces(distance: &[f64], values: &[f64], sigma: Option<&[f64]>) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = vec![Vec::new()];
    for (i, (&at, &value)) in distance.iter().zip(values).enumerate() {
        let jumps = i > 0 && at <= distance[i - 1];
        if jumps || !value.is_finite() {
            pieces.push(Vec::new());
        }
        if let (Some(piece), true) = (pieces.last_mut(), value.is_finite()) {
            let sigma = sigma.and_then(|s| s.get(i)).copied().filter(|s| s.is_finite()).unwrap_or(0.0);
            piece.push(Point { at, value, sigma });
        }
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// The outline of value ± σ, held between `bottom` and `top`; empty if no σ is known.
pub fn band(piece: &[Point], bottom: f64, top: f64) -> Vec<(f64, f64)> {
    if piece.iter().all(|p| p.sigma == 0.0) {
        return Vec::new();
    }
    let edge = |sign: f64| move |p: &Point| (p.at, (p.value + sign * p.sigma).max(bottom).min(top));
    piece.iter().map(edge(1.0)).chain(piece.iter().rev().map(edge(-1.0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_of_the_path_and_a_gap_cut_the_curve() {
        let distance = [0.0, 1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let values = [0.0, 1.0, 2.0, 7.0, 8.0, f64::NAN, 3.0, 4.0];
        let pieces = pieces(&distance, &values, None);
        let values: Vec<Vec<f64>> = pieces.iter().map(|p| p.iter().map(|p| p.value).collect()).collect();
        assert_eq!(values, [vec![0.0, 1.0, 2.0], vec![7.0, 8.0], vec![3.0, 4.0]]);
        assert!(band(&pieces[0], 0.0, 1.0).is_empty());
    }

    #[test]
    fn a_band_runs_there_above_and_back_below() {
        let piece = &pieces(&[0.0, 1.0], &[1.0, 2.0], Some(&[0.5, f64::NAN]))[0];
        assert_eq!(band(piece, 0.0, 1.25), [(0.0, 1.25), (1.0, 1.25), (1.0, 1.25), (0.0, 0.5)]);
    }
}
