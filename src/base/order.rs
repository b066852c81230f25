//! Sorting with one copy of the sorting code: the standard library's is compiled anew for every type
//! and every comparison, 4 kB of the package each. `order_by` and `sort_by` are for lists that are not long.
//!
//! Collecting into a `BTreeMap` sorts as well; extending an empty one does not.

use std::cmp::Ordering;

use super::parallel::{rest, resting};

/// So many numbers are sorted at once.
const RUN: usize = 1 << 16;

/// The numbers below `n` in the order of `compare`, equal ones as they were.
pub(crate) fn order_by(n: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    sort_numbers(&mut order, compare);
    order
}

#[inline(never)]
fn sort_numbers(order: &mut [usize], compare: &mut dyn FnMut(usize, usize) -> Ordering) {
    order.sort_by(|&a, &b| compare(a, b));
}

/// [`order_by`] for lists that are long: in runs that are then merged, with rests.
pub(crate) async fn order_of_many(n: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for run in order.chunks_mut(RUN) {
        sort_numbers(run, &mut |a, b| compare(a, b));
        rest().await;
    }
    let mut merged = vec![0; n];
    let mut width = RUN;
    while width < n {
        for first in (0..n).step_by(2 * width) {
            let (middle, end) = (n.min(first + width), n.min(first + 2 * width));
            let (mut a, mut b) = (first, middle);
            resting(end - first, 0.1, &mut |range| {
                for out in &mut merged[first..end][range] {
                    let from = if a < middle && (b == end || compare(order[a], order[b]).is_le()) {
                        &mut a
                    } else {
                        &mut b
                    };
                    *out = order[*from];
                    *from += 1;
                }
            })
            .await;
        }
        std::mem::swap(&mut order, &mut merged);
        width *= 2;
    }
    order
}

/// Sorts like `values.sort_unstable()`.
#[inline(never)]
pub(crate) fn sort_integers(values: &mut [i64]) {
    values.sort_unstable();
}

/// Sorts like `values.sort_unstable_by(f64::total_cmp)`.
pub(crate) fn sort_floats(values: &mut [f64]) {
    // Bits of which the exponent and the mantissa are turned around where the sign is negative have, as
    // integers, the total order.
    let turned = |bits: i64| bits ^ ((bits >> 63) & i64::MAX);
    let mut integers: Vec<i64> = values.iter().map(|x| turned(x.to_bits().cast_signed())).collect();
    sort_integers(&mut integers);
    for (value, integer) in values.iter_mut().zip(integers) {
        *value = f64::from_bits(turned(integer).cast_unsigned());
    }
}

/// Sorts like `values.sort_by(compare)`.
pub(crate) fn sort_by<T>(values: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut source = order_by(values.len(), &mut |a, b| compare(&values[a], &values[b]));
    // Along each cycle of the permutation.
    for first in 0..values.len() {
        let mut at = first;
        while source[at] != first {
            let next = source[at];
            values.swap(at, next);
            source[at] = at;
            at = next;
        }
        source[at] = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_like_the_standard_library() {
        for n in [0, 1, 2, 7, 100] {
            let mut values: Vec<(usize, usize)> = (0..n).map(|k| (k * 37 % 11, k)).collect();
            let mut expected = values.clone();
            expected.sort_by_key(|value| std::cmp::Reverse(value.0));
            sort_by(&mut values, |a, b| b.0.cmp(&a.0));
            assert_eq!(values, expected);
        }
    }

    #[test]
    fn long_lists_are_sorted_as_short_ones_are() {
        for n in [0, 1, RUN, RUN + 1, 3 * RUN - 7, 5 * RUN] {
            let key = |i: usize| i.wrapping_mul(2_654_435_761) % 1009;
            let found = crate::now(order_of_many(n, &|a, b| key(a).cmp(&key(b))));
            assert_eq!(found, order_by(n, &mut |a, b| key(a).cmp(&key(b))), "{n}");
        }
    }

    #[test]
    fn sorts_floats_in_their_total_order() {
        let special = [0.0, -0.0, f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, -5e-324];
        let plain = (0..200).map(|k| f64::from(k * 37 % 101 - 50) * 0.1);
        let mut values: Vec<f64> = special.into_iter().chain(plain).collect();
        let mut expected = values.clone();
        expected.sort_by(f64::total_cmp);
        sort_floats(&mut values);
        let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&values), bits(&expected));
    }
}
