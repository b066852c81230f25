//! Data by the group that they belong to, as one list with the place where each group begins.

use crate::base::parallel::resting;

/// Data of each group, in their order.
pub(crate) struct Members {
    begins: Vec<usize>,
    list: Vec<usize>,
}

impl Members {
    /// Those of `0..group.len()` for which `takes` holds; `group`: the number of the group of each.
    pub async fn new(group: &[usize], takes: &dyn Fn(usize) -> bool) -> Self {
        let n_groups = group.iter().max().map_or(0, |m| m + 1);
        let mut begins = vec![0; n_groups + 1];
        let count = &mut |i: usize| begins[group[i] + 1] += 1;
        resting(group.len(), 0.05, &mut |range| range.filter(|&i| takes(i)).for_each(&mut *count)).await;
        (0..n_groups).for_each(|g| begins[g + 1] += begins[g]);
        let (mut next, mut list) = (begins.clone(), vec![0; begins[n_groups]]);
        let place = &mut |i: usize| {
            list[next[group[i]]] = i;
            next[group[i]] += 1;
        };
        resting(group.len(), 0.05, &mut |range| range.filter(|&i| takes(i)).for_each(&mut *place)).await;
        Members { begins, list }
    }

    /// How many groups there are, among them those without members.
    pub fn n_groups(&self) -> usize {
        self.begins.len() - 1
    }

    /// How many members a group has in the mean.
    pub fn mean(&self) -> f64 {
        self.list.len() as f64 / self.n_groups().max(1) as f64
    }

    /// The members of group `g`.
    pub fn of(&self, g: usize) -> &[usize] {
        &self.list[self.begins[g]..self.begins[g + 1]]
    }
}
