//! Symmetry operations as a CIF lists them, `-y+1/2,x,z`.

use nalgebra::{Matrix3, Vector3};

use super::numbers::number;

/// No crystal has more rotations times centring translations in its conventional cell.
pub const MOST_OPERATIONS: usize = 192;

/// x → W x + w in fractional coordinates, w from 0 to below 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    pub rotation: Matrix3<i32>,
    pub translation: Vector3<f64>,
}

impl Affine {
    pub fn new(rotation: Matrix3<i32>, translation: Vector3<f64>) -> Self {
        Affine { rotation, translation: translation.map(whole_24ths) }
    }

    pub fn apply(&self, x: &Vector3<f64>) -> Vector3<f64> {
        self.rotation.map(f64::from) * x + self.translation
    }

    fn after(&self, other: &Affine) -> Affine {
        Affine::new(self.rotation * other.rotation, self.apply(&other.translation))
    }

    fn same(&self, other: &Affine) -> bool {
        // Most differ in what is compared fast.
        self.rotation == other.rotation
            && (self.translation - other.translation).iter().all(|x| (x - x.round()).abs() < 1e-3)
    }
}

/// Translations of space groups are multiples of 1/24; decimals such as 0.333 stand for them. Below 1.
fn whole_24ths(x: f64) -> f64 {
    let nearest = (x * 24.0).round();
    let x = if (x - nearest / 24.0).abs() < 2e-3 { nearest / 24.0 } else { x };
    let inside = x - x.floor();
    if inside > 1.0 - 1e-9 { 0.0 } else { inside }
}

/// Reads `x,y,z` in any of its forms: either case, blanks, decimals, the translation first or last. A fourth part, the
/// time reversal of magnetic groups, is left out.
pub fn parse(text: &str) -> Option<Affine> {
    let parts: Vec<&str> = text.split(',').collect();
    if !(3..=4).contains(&parts.len()) || text.len() > 200 {
        return None;
    }
    let mut rotation = Matrix3::zeros();
    let mut translation = Vector3::zeros();
    for (row, part) in parts[..3].iter().enumerate() {
        let mut terms = 0;
        let compact: String = part.chars().filter(|c| !c.is_whitespace()).collect();
        let mut rest = compact.as_str();
        while !rest.is_empty() {
            let sign = if rest.starts_with('-') { -1 } else { 1 };
            let signed = rest.starts_with(['+', '-']);
            if terms > 0 && !signed {
                return None;
            }
            rest = &rest[usize::from(signed)..];
            let end = rest.find(['+', '-']).unwrap_or(rest.len());
            let (term, behind) = rest.split_at(end);
            rest = behind;
            terms += 1;
            match term.to_lowercase().as_str() {
                "x" => rotation[(row, 0)] += sign,
                "y" => rotation[(row, 1)] += sign,
                "z" => rotation[(row, 2)] += sign,
                _ => translation[row] += f64::from(sign) * number(term).filter(|x| x.abs() < 100.0)?,
            }
        }
        if terms == 0 {
            return None;
        }
    }
    let determinant = rotation.map(f64::from).determinant().round();
    (determinant.abs() == 1.0).then(|| Affine::new(rotation, translation))
}

/// All products of the operations, the identity first; None when they are more than a crystal has.
pub fn closed(given: &[Affine]) -> Option<Vec<Affine>> {
    closed_within(given, MOST_OPERATIONS)
}

/// The same; None when they are more than `most`.
fn closed_within(given: &[Affine], most: usize) -> Option<Vec<Affine>> {
    let mut all = vec![Affine::new(Matrix3::identity(), Vector3::zeros())];
    for operation in given {
        if !all.iter().any(|known| known.same(operation)) {
            all.push(*operation);
        }
        if all.len() > most {
            return None;
        }
    }
    let mut at = 0;
    while at < all.len() {
        for generator in given {
            let product = all[at].after(generator);
            if product.rotation.amax() > 4 {
                return None;
            }
            if !all.iter().any(|known| known.same(&product)) {
                all.push(product);
            }
            if all.len() > most {
                return None;
            }
        }
        at += 1;
    }
    Some(all)
}

/// Operations with up to two misprints: the group of as many operations as are listed that the others generate, and the
/// numbers of those left out. None where there is no such group.
pub fn mended(listed: &[Affine]) -> Option<(Vec<Affine>, Vec<usize>)> {
    // Pairs among more than this would take long.
    const MOST_TRIED: usize = 48;
    let n = listed.len();
    if n > MOST_TRIED {
        return None;
    }
    // An operation that is listed again is left out with its copies: without one of them nothing changes.
    let mut unique: Vec<Affine> = Vec::new();
    for operation in listed {
        if !unique.iter().any(|known| known.same(operation)) {
            unique.push(*operation);
        }
    }
    let without = |out: &[usize]| {
        let is_out = |operation: &Affine| out.iter().any(|i| unique[*i].same(operation));
        let rest: Vec<Affine> = unique.iter().filter(|operation| !is_out(operation)).copied().collect();
        let numbers = || (0..n).filter(|i| is_out(&listed[*i])).collect();
        closed_within(&rest, n).filter(|all| all.len() == n).map(|all| (all, numbers()))
    };
    let tried = unique.len();
    let single = (0..tried).find_map(|i| without(&[i]));
    single.or_else(|| (0..tried).find_map(|i| (0..i).find_map(|j| without(&[j, i]))))
}

/// How far a metric (Å²) is from being kept by the operations, relative to its largest entry.
pub fn strain(operations: &[Affine], metric: &Matrix3<f64>) -> f64 {
    let off = |op: &Affine| {
        let w = op.rotation.map(f64::from);
        (w.transpose() * metric * w - metric).amax()
    };
    operations.iter().map(off).fold(0.0, f64::max) / metric.amax()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_operation_is_the_same() {
        let expected = parse("-y+1/2,x+1/2,z+1/2").unwrap();
        for text in [
            "1/2-Y, 1/2+X, 1/2+Z",
            "-y+.5,x+.5,z+.5",
            " -Y + 0.5 , 0.5+x , Z+5/10 ",
            "-y-1/2,x-1/2,z+3/2",
            "1/2-y,1/2+x,1/2+z,-1",
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        assert_eq!(parse("x-y,x,z+0.3333").unwrap().translation[2], 1.0 / 3.0);
        for text in ["", "x,y", "x,y,q", "x,x,z", "x,y,", "x y,y,z", "x,y,z+nan", "x,y,z,+1,2", "2x,y,z"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn generators_give_their_group_and_nonsense_does_not() {
        let read = |list: &[&str]| list.iter().map(|text| parse(text).unwrap()).collect::<Vec<_>>();
        assert_eq!(closed(&read(&["z,x,y", "-y,x,z", "-x,-y,-z"])).unwrap().len(), 48);
        assert_eq!(closed(&read(&["x+1/2,y+1/2,z"])).unwrap().len(), 2);
        assert_eq!(closed(&[]).unwrap().len(), 1);
        assert_eq!(closed(&read(&["x+y,y,z"])), None);
    }
}
