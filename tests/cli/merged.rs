//! Results of several machines, put together.

use super::{Scratch, TINY};
use serde_json::Value as Json;
use std::fs;

/// Runs with a seed or a share of one's own; gives back the result's folder.
fn part(scratch: &Scratch, name: &str, args: &[&str]) -> String {
    let all = [&["run", "tiny.yaml", "--quiet", "--out", name], args].concat();
    let (code, _, stderr) = scratch.run(&all);
    assert!([0, 1, 3].contains(&code), "{stderr}");
    let folder = format!("{name}/tiny");
    let names = scratch.names(&folder);
    let name = names.iter().find(|name| *name != "latest").unwrap();
    format!("{folder}/{name}")
}

fn merge(scratch: &Scratch, parts: &[&str], out: &str) -> (i32, String, String) {
    scratch.run(&[&["merge", "--out", out], parts].concat())
}

#[test]
fn all_shares_in_any_order_are_the_whole_run() {
    let scratch = Scratch::new("shares");
    scratch.run(&["run", "tiny.yaml", "--quiet", "--out", "whole"]);
    let whole = scratch.tree("whole/tiny/latest");
    let shares: Vec<String> = (1..=3)
        .map(|nth| {
            part(
                &scratch,
                &format!("s{nth}"),
                &["--shard", &format!("{nth}/3")],
            )
        })
        .collect();
    assert!(shares[1].ends_with("-2of3"), "{shares:?}");
    assert!(
        scratch
            .read(&format!("{}/summary.md", shares[1]))
            .contains("partial: 1 of 4 replications")
    );
    let [a, b, c] = [&shares[0], &shares[1], &shares[2]].map(String::as_str);
    let (code, page, _) = merge(&scratch, &[c, a, b], "merged");
    assert_eq!(code, 0);
    assert!(page.contains("2 variants · 4 replications"), "{page}");
    assert!(
        whole == scratch.tree("merged/tiny/latest"),
        "not the bytes of the whole run"
    );
    // Two of three are a part; with the third they are the whole.
    let (_, page, _) = merge(&scratch, &[c, a], "two");
    assert!(page.contains("partial: 3 of 4 replications"), "{page}");
    let names = scratch.names("two/tiny");
    assert!(
        names.len() == 1 && names[0].ends_with("-partial"),
        "{names:?}"
    );
    let two = format!("two/tiny/{}", names[0]);
    let (code, ..) = merge(&scratch, &[&two, b], "three");
    assert_eq!(code, 0);
    assert!(whole == scratch.tree("three/tiny/latest"));
}

#[test]
fn other_seeds_are_more_replications() {
    let scratch = Scratch::new("seeds");
    let parts = [("1", "3"), ("2", "1"), ("5", "2")].map(|(seed, n)| {
        part(
            &scratch,
            &format!("seed{seed}"),
            &["--seed", seed, "--replications", n],
        )
    });
    let [a, b, c] = [&parts[0], &parts[1], &parts[2]].map(String::as_str);
    let (_, page, _) = merge(&scratch, &[b, c, a], "all");
    assert!(
        page.contains("6 replications") && page.contains("seeds 1, 2 and 5"),
        "{page}"
    );
    let summary = |folder: &str| scratch.json(&format!("{folder}/summary.json"));
    let merged = summary("all/tiny/latest");
    // Outcomes are sums, and a mean is that of all replications.
    let offered = |summary: &Json| {
        let count = &summary["variants"]["sync"]["flows"]["visit"]["outcomes"]["offered"];
        count.as_u64().unwrap()
    };
    let each = [a, b, c].map(summary);
    assert_eq!(offered(&merged), each.iter().map(offered).sum::<u64>());
    let mean = |summary: &Json| {
        let figure = &summary["variants"]["async"]["flows"]["visit"]["metrics"]["latency_mean"];
        figure["mean"].as_f64().unwrap()
    };
    let expected = [3.0, 1.0, 2.0]
        .iter()
        .zip(&each)
        .map(|(n, one)| n * mean(one))
        .sum::<f64>()
        / 6.0;
    assert!((mean(&merged) - expected).abs() < 1e-12 * expected);
    // Whoever is merged first.
    merge(&scratch, &[a, b], "ab");
    merge(&scratch, &["ab/tiny/latest", c], "abc");
    let (one, other) = (
        scratch.tree("all/tiny/latest"),
        scratch.tree("abc/tiny/latest"),
    );
    for (path, bytes) in &one {
        assert!(other[path] == *bytes, "{path}");
    }
    let commands = scratch.read("all/tiny/latest/summary.md");
    for line in [
        "--seed 1 --replications 3 --out seed-1",
        "brownout merge seed-1/*/latest seed-2/*/latest seed-5/*/latest",
    ] {
        assert!(commands.contains(line), "{commands}");
    }
}

#[test]
fn what_cannot_be_merged_is_told_all_at_once() {
    let scratch = Scratch::new("unmerged");
    let a = part(&scratch, "a", &["--seed", "1"]);
    let more = part(&scratch, "more", &["--seed", "1", "--replications", "6"]);
    let other = part(
        &scratch,
        "other",
        &["--seed", "2", "--set", "traffic.guest.rate=10/s"],
    );
    let refused = |parts: &[&str], words: &[&str]| {
        let (code, stdout, stderr) = merge(&scratch, parts, "out");
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        for word in words {
            assert!(stderr.contains(word), "no {word} in {stderr}");
        }
        assert!(scratch.names("out").is_empty());
    };
    refused(&[&a, &more], &["same replications of seed 1"]);
    refused(&[&a], &["2 values required"]);
    refused(
        &[&a, &other, "nowhere"],
        &["traffic.guest.rate 20/s → 10/s", "cannot read `nowhere"],
    );
    let file = scratch.0.join(&a).join("replications.cbor.gz");
    fs::write(file, "no such thing").unwrap();
    refused(&[&a, &other], &["not a file of replications"]);
}

#[test]
fn a_share_is_of_replications_there_are() {
    let scratch = Scratch::new("few");
    let (code, _, stderr) = scratch.run(&["run", "tiny.yaml", "--shard", "1/5"]);
    assert!(
        code == 2 && stderr.contains("4 replications: too few for 5 shares"),
        "{stderr}"
    );
    // What is followed is the first replication of the share.
    let share = part(&scratch, "s", &["--shard", "2/2", "--trace", "2"]);
    assert!(scratch.0.join(share).join("trace.chrome.json").exists());
}

/// Replications of one seed with other numbers of them, each on its own, are the same as those of a long run.
#[test]
fn a_share_of_a_longer_run_goes_on_where_a_shorter_one_ended() {
    let scratch = Scratch::new("longer");
    let short = part(&scratch, "short", &[]);
    let rest = part(&scratch, "rest", &["--replications", "8", "--shard", "2/2"]);
    let (_, page, _) = merge(&scratch, &[&short, &rest], "merged");
    assert!(page.contains("8 replications"), "{page}");
    fs::write(scratch.0.join("tiny.yaml"), TINY).unwrap();
    scratch.run(&[
        "run",
        "tiny.yaml",
        "--quiet",
        "--replications",
        "8",
        "--out",
        "whole",
    ]);
    let figures = |folder: &str| {
        let text = scratch.read(&format!("{folder}/tiny/latest/data/metrics.csv"));
        // All but the stamp.
        text.split_once('\n').unwrap().1.to_owned()
    };
    assert_eq!(figures("merged"), figures("whole"));
}
