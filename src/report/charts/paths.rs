//! Paths that take few bytes: points that nobody sees are left out, and each is told from the one before.

use std::fmt::Write as _;

/// The same with every run of points told from one point to the next, which takes fewer digits.
pub(super) fn relative(svg: &str) -> String {
    const POINTS: &str = " points=\"";
    let mut text = String::with_capacity(svg.len());
    for line in svg.split_inclusive('\n') {
        let is_line = line.starts_with("<polyline");
        let found = line.find(POINTS).and_then(|from| {
            let rest = &line[from + POINTS.len()..];
            let until = rest.find('"')?;
            Some((&line[..from], path(&rest[..until])?, &rest[until..]))
        });
        match found {
            Some((head, path, tail)) => {
                let name = head.find(' ').map_or(head.len(), |at| at);
                let close = if is_line { "" } else { "z" };
                let rest = &head[name..];
                write!(text, "<path{rest} d=\"{path}{close}{tail}")
                    .expect("a String takes everything");
            }
            None => text.push_str(line),
        }
    }
    text
}

/// `10,20 15,18 15,30 ` as `m10,20 5-2 0,12`.
fn path(points: &str) -> Option<String> {
    let mut text = String::from("m");
    let (mut x, mut y) = (0, 0);
    for (nth, point) in points.split_whitespace().enumerate() {
        let (to_x, to_y) = point.split_once(',')?;
        let (to_x, to_y): (i32, i32) = (to_x.parse().ok()?, to_y.parse().ok()?);
        let (dx, dy) = (to_x - x, to_y - y);
        // A minus parts two numbers as well as a blank or a comma.
        let blank = if nth > 0 && dx >= 0 { " " } else { "" };
        let comma = if dy >= 0 { "," } else { "" };
        write!(text, "{blank}{dx}{comma}{dy}").expect("a String takes everything");
        (x, y) = (to_x, to_y);
    }
    Some(text)
}

/// Points that lie on the way between others, but for less than a sixth of a pixel, are left out (Ramer, "An iterative procedure for
/// the polygonal approximation of plane curves", 1972; Douglas, Peucker 1973).
pub(super) fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    const OFF_MAX: f64 = 0.16;
    if points.is_empty() {
        return Vec::new();
    }
    let mut is_kept = vec![false; points.len()];
    let mut spans = vec![(0, points.len().saturating_sub(1))];
    while let Some((from, to)) = spans.pop() {
        is_kept[from] = true;
        is_kept[to] = true;
        let between = (from + 1..to).map(|nth| (nth, off(points[nth], points[from], points[to])));
        let farthest = between.max_by(|(_, a), (_, b)| a.total_cmp(b));
        if let Some((nth, _)) = farthest.filter(|&(_, off)| off > OFF_MAX) {
            spans.extend([(from, nth), (nth, to)]);
        }
    }
    let kept = points.iter().zip(is_kept);
    kept.filter_map(|(point, is_kept)| is_kept.then_some(*point))
        .collect()
}

/// How far a point is from the way between two others.
fn off(point: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (px, py) = (point.0 - from.0, point.1 - from.1);
    let length = dx * dx + dy * dy;
    let share = if length > 0.0 {
        ((px * dx + py * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (x, y) = (px - share * dx, py - share * dy);
    (x * x + y * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn runs_of_points_become_paths_of_steps() {
        let svg = "<svg>\n<polyline fill=\"none\" points=\"10,20 15,18 15,30 \"/>\n<polygon points=\"0,0 5,5 0,5 \"/>\n</svg>";
        assert_eq!(
            relative(svg),
            "<svg>\n<path fill=\"none\" d=\"m10,20 5-2 0,12\"/>\n<path d=\"m0,0 5,5-5,0z\"/>\n</svg>"
        );
    }

    #[test]
    fn what_lies_on_the_way_is_left_out() {
        let line: Vec<(f64, f64)> = (0..100).map(|x| (f64::from(x), 5.0)).collect();
        assert_eq!(thinned(&line), [(0.0, 5.0), (99.0, 5.0)]);
        let step = [(0.0, 0.0), (1.0, 0.0), (1.0, 9.0), (2.0, 9.0)];
        assert_eq!(thinned(&step), step);
        assert_eq!(thinned(&[]), []);
    }

    proptest! {
        #[test]
        fn nothing_is_farther_off_than_anybody_sees(
            ys in proptest::collection::vec(0.0_f64..50.0, 2..60)
        ) {
            let points: Vec<(f64, f64)> = ys.iter().zip(0_u32..).map(|(y, x)| (f64::from(x), *y)).collect();
            let kept = thinned(&points);
            for point in &points {
                let spans = kept.windows(2).map(|pair| off(*point, pair[0], pair[1]));
                prop_assert!(spans.fold(f64::INFINITY, f64::min) <= 0.16);
            }
        }
    }
}
