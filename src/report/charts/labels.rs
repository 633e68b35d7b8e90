//! Labels that do not lie on one another: spread along a line, or stacked in rows.

/// Something that wants to lie at a place on a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wish {
    /// Where its centre would like to be.
    pub centre: f64,
    /// How long it is along the line.
    pub length: f64,
}

/// Centres near the wished ones, in the order given, such that nothing overlaps and, if there is room at all, everything lies
/// between `from` and `to`. Neighbours that meet are pooled and share the displacement (isotonic regression).
pub(super) fn spread(wishes: &[Wish], from: f64, to: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wishes.len()).collect();
    order.sort_by(|a, b| {
        wishes[*a]
            .centre
            .total_cmp(&wishes[*b].centre)
            .then(a.cmp(b))
    });
    // A pool: first and last member in `order`, total length, and the sum of the places where its start would like to be.
    let mut pools: Vec<(usize, usize, f64, f64)> = Vec::new();
    let total: f64 = wishes.iter().map(|w| w.length).sum();
    let start_of = |pool: &(usize, usize, f64, f64)| {
        let n = (pool.1 - pool.0 + 1) as f64;
        (pool.3 / n).min(to - pool.2).max(from)
    };
    for (rank, idx) in order.iter().enumerate() {
        let wish = wishes[*idx];
        let mut pool = (rank, rank, wish.length, wish.centre - wish.length / 2.0);
        while let Some(last) = pools.last() {
            if start_of(last) + last.2 <= start_of(&pool) + 1e-9 {
                break;
            }
            let n = (pool.1 - pool.0 + 1) as f64;
            pool = (
                last.0,
                pool.1,
                last.2 + pool.2,
                last.3 + pool.3 - n * last.2,
            );
            pools.pop();
        }
        pools.push(pool);
    }
    let mut centres = vec![0.0; wishes.len()];
    let crowded = total > to - from;
    let mut next = from;
    for pool in &pools {
        let mut at = if crowded { next } else { start_of(pool) };
        for idx in &order[pool.0..=pool.1] {
            centres[*idx] = at + wishes[*idx].length / 2.0;
            at += wishes[*idx].length;
        }
        next = at;
    }
    centres
}

/// A row for each span such that spans of one row do not touch: the lowest free one, in order of their beginnings.
pub(super) fn rows(spans: &[(f64, f64)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by(|a, b| spans[*a].0.total_cmp(&spans[*b].0).then(a.cmp(b)));
    let mut ends: Vec<f64> = Vec::new();
    let mut rows = vec![0; spans.len()];
    for idx in order {
        let (from, to) = spans[idx];
        let row = ends
            .iter()
            .position(|end| *end <= from)
            .unwrap_or(ends.len());
        if row == ends.len() {
            ends.push(to);
        } else {
            ends[row] = to;
        }
        rows[idx] = row;
    }
    rows
}

/// A row for each span, counted from below, such that spans of one row do not touch: of those that would, the one of the lower
/// rank stands on top.
pub(super) fn stacked(spans: &[(f64, f64)], ranks: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by(|a, b| spans[*a].0.total_cmp(&spans[*b].0).then(a.cmp(b)));
    // Those that touch, be it through others, are one heap; each stands on the ground.
    let mut heaps: Vec<(f64, Vec<usize>)> = Vec::new();
    for idx in order {
        let (from, to) = spans[idx];
        match heaps.last_mut() {
            Some((end, heap)) if *end > from => {
                *end = end.max(to);
                heap.push(idx);
            }
            _ => heaps.push((to, vec![idx])),
        }
    }
    let mut found = vec![0; spans.len()];
    for (_, mut heap) in heaps {
        heap.sort_by_key(|idx| (ranks[*idx], *idx));
        let mut rows: Vec<Vec<usize>> = Vec::new();
        for idx in heap {
            let touches =
                |other: &&usize| spans[**other].0 < spans[idx].1 && spans[idx].0 < spans[**other].1;
            let is_above = |row: &Vec<usize>| {
                let mut met = row.iter().filter(touches);
                met.any(|other| ranks[*other] < ranks[idx])
            };
            let first = rows.iter().rposition(is_above).map_or(0, |row| row + 1);
            let mut below = rows.iter_mut().skip(first);
            match below.find(|row| row.iter().find(touches).is_none()) {
                Some(row) => row.push(idx),
                None => rows.push(vec![idx]),
            }
        }
        for (above, row) in rows.iter().rev().enumerate() {
            for idx in row {
                found[*idx] = above;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(centre: f64, length: f64) -> Wish {
        Wish { centre, length }
    }

    #[test]
    fn labels_far_apart_stay_where_they_are() {
        assert_eq!(
            spread(&[wish(50.0, 10.0), wish(10.0, 10.0)], 0.0, 100.0),
            [50.0, 10.0]
        );
    }

    #[test]
    fn labels_that_meet_share_the_displacement() {
        assert_eq!(
            spread(&[wish(50.0, 10.0), wish(50.0, 10.0)], 0.0, 100.0),
            [45.0, 55.0]
        );
    }

    #[test]
    fn labels_stay_inside() {
        assert_eq!(
            spread(&[wish(0.0, 10.0), wish(0.0, 10.0)], 0.0, 100.0),
            [5.0, 15.0]
        );
        assert_eq!(
            spread(&[wish(99.0, 10.0), wish(99.0, 10.0)], 0.0, 100.0),
            [85.0, 95.0]
        );
    }

    #[test]
    fn rows_hold_spans_that_do_not_touch() {
        assert_eq!(rows(&[(0.0, 10.0), (5.0, 15.0), (10.0, 20.0)]), [0, 1, 0]);
    }

    #[test]
    fn stacked_spans_stand_in_the_order_of_their_ranks_from_the_top() {
        let spans = [(0.0, 4.0), (10.0, 20.0), (12.0, 18.0), (19.0, 30.0)];
        assert_eq!(stacked(&spans, &[0, 1, 2, 3]), [0, 1, 0, 0]);
        let steps = [(0.0, 10.0), (5.0, 15.0), (11.0, 20.0)];
        assert_eq!(stacked(&steps, &[0, 1, 2]), [2, 1, 0]);
        // Windows of one fault have no order.
        assert_eq!(stacked(&steps, &[0, 0, 0]), [1, 0, 1]);
        assert_eq!(stacked(&[(5.0, 9.0), (1.0, 6.0)], &[0, 1]), [1, 0]);
    }

    proptest::proptest! {
        #[test]
        fn spread_labels_never_overlap(
            wishes in proptest::collection::vec((-50.0..150.0f64, 1.0..20.0f64), 0..12)
        ) {
            let wishes: Vec<Wish> = wishes.into_iter().map(|(c, l)| wish(c, l)).collect();
            let centres = spread(&wishes, 0.0, 100.0);
            let total: f64 = wishes.iter().map(|w| w.length).sum();
            let mut spans: Vec<(f64, f64)> = wishes
                .iter()
                .zip(&centres)
                .map(|(w, c)| (c - w.length / 2.0, c + w.length / 2.0))
                .collect();
            spans.sort_by(|a, b| a.0.total_cmp(&b.0));
            for pair in spans.windows(2) {
                proptest::prop_assert!(pair[0].1 <= pair[1].0 + 1e-6, "{spans:?}");
            }
            if total <= 100.0 {
                for span in &spans {
                    proptest::prop_assert!(span.0 >= -1e-6 && span.1 <= 100.0 + 1e-6, "{spans:?}");
                }
            }
        }
    }
}
