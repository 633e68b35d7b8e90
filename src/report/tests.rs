use super::*;
#[test]
fn look() {
    for f in [sample::checkout(), sample::nasty(), sample::bare()] {
        let p = page(
            &f,
            Look {
                width: 98,
                color: Color::Never,
            },
            Some("results/order_checkout/9f3c1a7"),
        );
        eprintln!("{p}");
        for l in p.lines() {
            assert!(l.chars().count() <= 98, "{l}");
        }
    }
}
