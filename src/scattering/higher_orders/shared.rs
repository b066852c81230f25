//! Points that share a wave vector in the first zone.
//!
//! e^{iQ·R} depends on Q only through q = Q − G, and the points of a measured grid have few different q: 22 000 points of a
//! volume of a cubic crystal some hundred. A rotation that keeps the intensity takes each point to one whose q is the same as
//! that of many others.

use std::ops::Range;

use nalgebra::{Matrix3, Vector3};

use super::At;
use super::polynomials::Polynomials;
use super::shared_sums::SharedAt;
use crate::base::order::order_of_many;
use crate::base::parallel::restfully;
use crate::lanes::LANES;
use crate::scattering::Points;

/// Fewer points for each different q are summed one by one.
const WORTH_IT: usize = 4;

/// q in units of this part of a primitive reciprocal vector are told apart.
const STEPS: f64 = 1e6;

/// The points of a model by what they share.
#[derive(Debug, Clone)]
pub(super) struct SharedPoints {
    pub groups: Vec<Group>,
    pub members: Vec<Member>,
    /// Å⁻².
    pub largest_q2: f64,
    pub polynomials: Polynomials,
}

/// Points with the same q.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Cartesian, Å⁻¹.
    pub q: Vector3<f64>,
    /// In the order of the points.
    pub members: Range<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Which point.
    pub index: usize,
    /// An equivalent of its Q: the q of the group and a vector of the reciprocal lattice.
    pub q: Vector3<f64>,
}

impl SharedPoints {
    /// `None` for vectors that span no lattice. `rotations` (Cartesian) keep the intensity.
    pub async fn find(
        lattice: &Matrix3<f64>,
        rotations: &[Matrix3<f64>],
        points: &Points,
    ) -> Option<SharedPoints> {
        let reciprocal = lattice.transpose().try_inverse()? * std::f64::consts::TAU;
        let to_own = lattice.transpose() / std::f64::consts::TAU;
        let rotations: Vec<Matrix3<f64>> =
            rotations.iter().map(|r| (to_own * r * reciprocal).map(f64::round)).collect();
        let at = |i: usize| {
            let q = &points.q[i / LANES];
            to_own * Vector3::from_fn(|a, _| q[a][i % LANES])
        };
        let name = |k: &Vector3<f64>| -> [i64; 3] {
            std::array::from_fn(|a| ((k[a] * STEPS).round() as i64).rem_euclid(STEPS as i64))
        };
        // The least name that a rotation gives.
        let place = |i: usize| {
            let k = at(i);
            let own = rotations.iter().map(|r| r * k);
            own.map(|k| (name(&k), k)).min_by_key(|(name, _)| *name).unwrap_or((name(&k), k))
        };
        let places = restfully(points.n, 0.1 * rotations.len() as f64, place).await;
        let by = |a: usize, b: usize| places[a].0.cmp(&places[b].0).then(a.cmp(&b));
        let order = order_of_many(points.n, &by).await;
        let mut groups: Vec<Group> = Vec::new();
        let mut members: Vec<Member> = Vec::with_capacity(points.n);
        let mut largest_q2 = 0.0_f64;
        for (at, &index) in order.iter().enumerate() {
            let (name, k) = &places[index];
            if at == 0 || places[order[at - 1]].0 != *name {
                let first = k.map(|x| x - (x + 0.5 / STEPS).floor());
                groups.push(Group { q: reciprocal * first, members: at..at });
            }
            if let Some(group) = groups.last_mut() {
                group.members.end = at + 1;
            }
            let q = reciprocal * k;
            largest_q2 = largest_q2.max(q.norm_squared());
            members.push(Member { index, q });
        }
        let polynomials = Polynomials::new();
        Some(SharedPoints { groups, members, largest_q2, polynomials })
    }

    /// Whether sums at the wave vectors cost less than those at all points.
    pub fn worth_it(&self) -> bool {
        self.members.len() >= WORTH_IT * self.groups.len()
    }

    /// The groups that have some of the points, in blocks of similar size.
    pub fn blocks(&self, points: &Range<usize>) -> Vec<Vec<&Group>> {
        Self::in_blocks(self.groups.iter().filter(|g| !self.of(g, points).is_empty()).collect())
    }

    /// Groups in blocks of similar size.
    pub fn in_blocks(groups: Vec<&Group>) -> Vec<Vec<&Group>> {
        // Fuller blocks make each cheaper, more of them can be shared among workers.
        let n = groups.len().div_ceil(LANES).max((groups.len() / 12).min(8)).max(1);
        (0..n).map(|b| groups[b * groups.len() / n..(b + 1) * groups.len() / n].to_vec()).collect()
    }

    /// The groups of share `i` of `n` of the members, and the members.
    pub fn share(&self, (i, n): (usize, usize)) -> (&[Group], Range<usize>) {
        let cut = |k: usize| self.groups.partition_point(|g| g.members.start < k * self.members.len() / n);
        let groups = &self.groups[cut(i)..cut(i + 1)];
        let members = groups.first().zip(groups.last());
        (groups, members.map_or(0..0, |(first, last)| first.members.start..last.members.end))
    }

    /// Some of the points at one θ.
    pub fn at<'a>(&'a self, at: At<'a>, wanted: &Range<usize>) -> SharedAt<'a> {
        let At { points, u, state } = at;
        let [first, end] = [wanted.start, wanted.end].map(|index| points.n.min(index));
        SharedAt { shared: self, points, u, state, first, end }
    }

    /// Those of its points that are asked for.
    pub fn of(&self, group: &Group, points: &Range<usize>) -> &[Member] {
        let all = &self.members[group.members.clone()];
        let before = |limit: usize| all.partition_point(|member| member.index < limit);
        &all[before(points.start)..before(points.end)]
    }
}
