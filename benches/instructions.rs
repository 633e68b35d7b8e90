//! How many instructions a flow run costs: valgrind's callgrind on the program itself, at two lengths; the difference takes
//! start-up, reading and reporting out.
//!
//! Counts hardly depend on the machine or its load, so they show a change of one per cent that no clock shows.
//! `cargo bench --bench instructions`; says so and ends well where valgrind is not installed. A count more than 5 % above
//! that of `benches/instructions.txt` is a failure; `-- --accept` writes the counts there.

use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{fs, process};

/// A workload's file, two windows, and what else is set.
const WORKLOADS: [(&str, [&str; 2], &str); 4] = [
    ("w1_single_queue", ["4h", "12h"], "run.warmup=1s"),
    ("w2_blocking_chain", ["1m", "3m"], "run.warmup=1s"),
    ("w3_pipeline", ["10s", "30s"], "run.warmup=1s"),
    // A hundredth of the load: the counts are of work, not of waiting for memory.
    ("w5_timeouts", ["1s", "3s"], "traffic.reader.rate=10000/s"),
];

/// Instructions and flow runs of one run.
struct Cost {
    instructions: f64,
    flow_runs: f64,
}

fn main() -> ExitCode {
    let has_valgrind = Command::new("valgrind").arg("--version").output().is_ok();
    if !has_valgrind {
        say("instructions: valgrind is not installed; nothing was counted");
        return ExitCode::SUCCESS;
    }
    let accepts = std::env::args().any(|arg| arg == "--accept");
    let accepted = fs::read_to_string(accepted_file()).unwrap_or_default();
    // Another compiler makes other instructions: nothing is compared then.
    let compiler = compiler();
    let accepted = accepted.strip_prefix(&compiler).unwrap_or_default();
    let (mut table, mut is_fine) = (compiler.clone(), true);
    say("workload             instructions/flow run   accepted   change");
    for (stem, [short, long], set) in WORKLOADS {
        let (short, long) = (count(stem, short, set), count(stem, long, set));
        let flow_runs = long.flow_runs - short.flow_runs;
        let each = (long.instructions - short.instructions) / flow_runs;
        if !(each > 0.0 && flow_runs > 0.0) {
            say(&format!("{stem}: counted nothing"));
            return ExitCode::FAILURE;
        }
        writeln!(table, "{stem} {each:.0}").expect("a String takes everything");
        let before = accepted
            .lines()
            .find_map(|line| line.strip_prefix(stem)?.trim().parse().ok());
        let before: f64 = before.unwrap_or(f64::NAN);
        let change = each / before - 1.0;
        is_fine &= change <= REGRESSION || before.is_nan();
        say(&format!(
            "{stem:<20} {each:>21.0} {before:>10.0} {:>+7.1}%",
            change * 100.0
        ));
    }
    if accepts {
        fs::write(accepted_file(), table).expect("the project's folder can be written");
    } else if !is_fine {
        say("more than 5 % above benches/instructions.txt; `-- --accept` if that is meant");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The compiler's name and version, a line.
fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let told = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    format!("# {}\n", told.unwrap_or_default().trim())
}

/// The most that a count may grow, as a share.
const REGRESSION: f64 = 0.05;

fn accepted_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt")
}

/// Counts the instructions of the program on a workload with a window of this length.
fn count(stem: &str, duration: &str, set: &str) -> Cost {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = root
        .join("benches/workloads")
        .join(stem)
        .with_extension("yaml");
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("instructions-{}", process::id()));
    fs::create_dir_all(&folder).expect("a folder in the target folder");
    let (counts, summary) = (folder.join("callgrind"), folder.join("summary.json"));
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(env!("CARGO_BIN_EXE_brownout"))
        .args([
            "run",
            "--jobs",
            "1",
            // Two: of one alone the batches are judged, of more some flow runs are followed, and neither grows with the window.
            "--replications",
            "2",
            "--no-out",
            "--quiet",
        ])
        .args(["--set", &format!("run.duration={duration}")])
        .args(["--set", set])
        .arg(format!("--format=json={}", summary.display()))
        .arg(file)
        .output()
        .expect("valgrind starts");
    let code = output.status.code();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(code, Some(0 | 1 | 3)), "{stem}: {code:?} {stderr}");
    let text = fs::read_to_string(&counts).expect("callgrind wrote its counts");
    let total = text.lines().find_map(|line| {
        let total = line
            .strip_prefix("summary:")
            .or_else(|| line.strip_prefix("totals:"))?;
        total.trim().parse().ok()
    });
    let summary = fs::read_to_string(&summary).expect("the program wrote its summary");
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    let cost = Cost {
        instructions: total.expect("callgrind's file has a total"),
        flow_runs: offered(&summary),
    };
    // What cannot be removed stays in the target folder.
    let _ = fs::remove_dir_all(&folder);
    cost
}

/// Counted flow runs of all flows and variants; the differences of two windows are the same with warm-up and without.
fn offered(summary: &Value) -> f64 {
    let values = |value: &Value| {
        value
            .as_object()
            .map(|map| map.values().cloned().collect::<Vec<_>>())
    };
    let variants = values(&summary["variants"]).unwrap_or_default();
    let flows = variants
        .iter()
        .filter_map(|variant| values(&variant["flows"]))
        .flatten();
    flows
        .filter_map(|flow| flow["outcomes"]["offered"].as_f64())
        .sum()
}

#[expect(clippy::print_stdout, reason = "the result of a bench")]
fn say(line: &str) {
    println!("{line}");
}
