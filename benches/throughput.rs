//! How fast, on the canonical workloads: scenario files through the full program, everything recorded, one thread.
//!
//! `cargo bench --bench throughput` prints, for each workload, nanoseconds per flow run and events per second (median of the
//! rounds; the simulation alone, as `run.json` tells it). A benchmark checks its result: a mean or a quantile outside its
//! interval ends it with an error, because a model that has collapsed, or does less than it says, is fast.
//! `-- --brief` runs a tenth of it once.
//!
//! With `BROWNOUT_FLOOR` naming a program that simulates a workload with a hand-written loop (`PROGRAM w2-lanes N` prints one
//! JSON line with `n` and `cpu_s`), the table also says how many times its time ours takes, both measured in turns.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Rounds of each workload, taken in turns.
const ROUNDS: usize = 5;

/// A workload and what theory says of it. Times in seconds.
struct Workload {
    stem: &'static str,
    /// From the project's folder.
    folder: &'static str,
    flow: &'static str,
    /// What a floor program calls it; the fastest counts.
    floors: &'static [&'static str],
    /// `latency` or `completion`.
    measure: &'static str,
    mean: Known,
    p99: Known,
    /// A tenth of the window.
    brief: &'static str,
}

/// A value from theory, and four standard errors of its estimate at full length.
struct Known {
    value: f64,
    within: f64,
}

const WORKLOADS: [Workload; 4] = [
    // M/M/1, ρ = 0.8: mean 1/(μ−λ), quantile ln(100)/(μ−λ). The waits of successive customers are correlated: the variance of
    // their mean is ρ(2+5ρ−4ρ²+ρ³)/(1−ρ)⁴ = 1976 over n (Daley, "The Serial Correlation Coefficients of Waiting Times in a
    // Stationary Single Server Queue", 1968), n = 4.1 million: one standard error is 0.022 s, 8.9 times that of independent
    // ones. The same factor on the quantile's √(q(1−q)/n)/f = 0.025 s bounds its error by 0.22 s.
    Workload {
        stem: "w1_single_queue",
        folder: "benches/workloads",
        floors: &["w1-heap"],
        flow: "visit",
        measure: "latency",
        mean: Known {
            value: 5.0,
            within: 0.09,
        },
        p99: Known {
            value: 23.026,
            within: 0.9,
        },
        brief: "3d",
    },
    // The oracle is the Kiefer-Wolfowitz recursion of the first service. n = 1.5 million, deviation 24 ms, and a line of eight
    // workers at ρ = 0.7 forgets within some eight arrivals: √16 × 24 ms / √n = 0.08 ms.
    Workload {
        stem: "w2_blocking_chain",
        folder: "benches/workloads",
        floors: &["w2-lanes", "w2-tree"],
        flow: "request",
        measure: "latency",
        mean: Known {
            value: 58.97e-3,
            within: 0.4e-3,
        },
        p99: Known {
            value: 130.8e-3,
            within: 2.0e-3,
        },
        brief: "12m",
    },
    // Five M/M/8 at ρ = 0.7, 1/μ = 10 ms: Erlang's C formula gives 11.12752 ms each, and five writes take 2.5 ms. n = 1.3 million;
    // own work deviates by 22 ms independently, waits by 8 ms over some 50 arrivals: 0.05 ms.
    Workload {
        stem: "w3_pipeline",
        folder: "benches/workloads",
        floors: &["w3-lanes", "w3-tree"],
        flow: "item",
        measure: "completion",
        mean: Known {
            value: 58.1376e-3,
            within: 0.2e-3,
        },
        p99: Known {
            value: 126.1e-3,
            within: 2.0e-3,
        },
        brief: "2m",
    },
    // Independent exponential times, n = 2 million: one standard error of the mean is 0.07 ms, of the quantile
    // √(q(1−q)/n)/f = 0.7 ms; the queueless arrivals of one replication leave four of them.
    Workload {
        stem: "w5_timeouts",
        folder: "benches/workloads",
        floors: &[],
        flow: "lookup",
        measure: "latency",
        mean: Known {
            value: 0.1,
            within: 0.3e-3,
        },
        p99: Known {
            value: 0.460_517,
            within: 2.9e-3,
        },
        brief: "200ms",
    },
];

/// What one run of the program told.
struct Told {
    ns_per_flow_run: f64,
    events_per_s: f64,
    events: f64,
    flow_runs: f64,
    mean: f64,
    p99: f64,
}

fn main() -> ExitCode {
    let is_brief = std::env::args().any(|arg| arg == "--brief");
    let rounds = if is_brief { 1 } else { ROUNDS };
    let mut told: Vec<Vec<Told>> = WORKLOADS.iter().map(|_| Vec::new()).collect();
    let mut floors: Vec<Vec<f64>> = WORKLOADS.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (idx, workload) in WORKLOADS.iter().enumerate() {
            told[idx].push(run(workload, is_brief));
            floors[idx].extend(floor_ns(workload));
        }
    }
    let mut is_right = true;
    say(
        "workload            ns/flow run  ns/event  events/s  events/run  to floor   mean, theory           p99, theory",
    );
    for ((workload, told), floors) in WORKLOADS.iter().zip(&told).zip(&mut floors) {
        floors.sort_by(f64::total_cmp);
        let floor = floors.get(floors.len() / 2).copied();
        is_right &= report(workload, told, floor, is_brief);
    }
    width(is_brief);
    is_right &= checkout();
    if is_right {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs the program on a workload.
fn run(workload: &Workload, is_brief: bool) -> Told {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = root
        .join(workload.folder)
        .join(workload.stem)
        .with_extension("yaml");
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("throughput");
    let mut program = Command::new(env!("CARGO_BIN_EXE_brownout"));
    program
        .args(["run", "--jobs", "1", "--quiet", "--out"])
        .arg(&out)
        .arg(file);
    if is_brief {
        program.args(["--set", &format!("run.duration={}", workload.brief)]);
    }
    let output = program.output().expect("the program starts");
    let code = output.status.code();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        matches!(code, Some(0 | 1 | 3)),
        "{}: {code:?} {stderr}",
        workload.stem
    );
    let read = |name: &str| -> Value {
        let path = out.join(workload.stem).join("latest").join(name);
        let text = fs::read_to_string(path).expect("a result has the file");
        serde_json::from_str(&text).expect("JSON")
    };
    let (receipt, summary) = (read("run.json"), read("summary.json"));
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let variants = summary["variants"].as_object().expect("variants");
    let variant = variants.values().next().expect("a variant");
    let metrics = &variant["flows"][workload.flow]["metrics"];
    let figure = |stat: &str| number(&metrics[format!("{}_{stat}", workload.measure)]["mean"]);
    Told {
        ns_per_flow_run: number(&receipt["ns_per_flow_run"]),
        events_per_s: number(&receipt["events_per_s"]),
        events: number(&receipt["events"]),
        flow_runs: number(&receipt["flow_runs"]),
        mean: figure("mean"),
        p99: figure("p99"),
    }
}

/// Nanoseconds for each flow run of the fastest floor program, if there is one.
fn floor_ns(workload: &Workload) -> Option<f64> {
    let program = std::env::var_os("BROWNOUT_FLOOR")?;
    let each = workload.floors.iter().filter_map(|name| {
        let output = Command::new(&program)
            .args([name, "1000000", "1"])
            .output()
            .ok()?;
        let told: Value = serde_json::from_slice(&output.stdout).ok()?;
        Some(told["cpu_s"].as_f64()? / told["n"].as_f64()? * 1e9)
    });
    each.min_by(f64::total_cmp)
}

/// What a chain of ten steps costs among ten services and among a thousand: the same path, more of everything around it.
fn width(is_brief: bool) {
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("throughput");
    fs::create_dir_all(&out).expect("a folder in the target folder");
    let seconds = if is_brief { 20 } else { 200 };
    let each = [1, 100].map(|n_flows: u32| {
        let stem = format!("wide_{n_flows}");
        let file = out.join(&stem).with_extension("yaml");
        fs::write(&file, wide(n_flows, seconds)).expect("a file in the target folder");
        let mut program = Command::new(env!("CARGO_BIN_EXE_brownout"));
        program.args(["run", "--jobs", "1", "--quiet", "--out"]);
        let output = program.arg(&out).arg(&file).output();
        let code = output.expect("the program starts").status.code();
        assert!(matches!(code, Some(0 | 1 | 3)), "{stem}: {code:?}");
        let path = out.join(&stem).join("latest/run.json");
        let text = fs::read_to_string(path).expect("a result has the file");
        let receipt: Value = serde_json::from_str(&text).expect("JSON");
        receipt["ns_per_flow_run"].as_f64().unwrap_or(f64::NAN)
    });
    let [narrow, wide] = each;
    say(&format!(
        "a chain of ten among ten services {narrow:.0} ns, among a thousand {wide:.0} ns: {:.2}×",
        wide / narrow
    ));
}

/// So many chains of ten services each, at little load.
fn wide(n_flows: u32, seconds: u32) -> String {
    let rate = if n_flows == 1 { 50 } else { 5 };
    let lines = |line: &dyn Fn(u32) -> String| (0..n_flows).map(line).collect::<String>();
    let flows = lines(&|flow| {
        let steps: Vec<String> = (0..10).map(|step| format!("s{flow}_{step}")).collect();
        format!(
            "  f{flow}: {{ from: c{flow}, steps: [{}] }}\n",
            steps.join(", ")
        )
    });
    let services = lines(&|flow| {
        let service = |step| {
            format!("  s{flow}_{step}: {{ concurrency: 8, service_time: exponential 10ms }}\n")
        };
        (0..10).map(service).collect()
    });
    let traffic = lines(&|flow| format!("  c{flow}: {{ rate: {rate}/s }}\n"));
    format!(
        "brownout: 1\nflows:\n{flows}services:\n{services}network: 500us\ntraffic:\n{traffic}\
         variants: {{ called: {{ wiring: sync }} }}\n\
         run: {{ duration: {seconds}s, warmup: 2s, replications: 1 }}\n"
    )
}

/// The first of the shipped studies, all variants and faults, one replication each: how long until a first look.
fn checkout() -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    #[expect(clippy::disallowed_types, reason = "the bench is about the wall clock")]
    let began = std::time::Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .args(["run", "--quick", "--format", "json"])
        .arg(root.join("scenarios/order_checkout.yaml"))
        .output()
        .expect("the program starts");
    let took = began.elapsed().as_secs_f64();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let accepted = |variant: &str| {
        let flow = &told["variants"][variant]["flows"]["place_order"];
        flow["metrics"]["availability"]["mean"]
            .as_f64()
            .unwrap_or(f64::NAN)
    };
    // The study's story: the chain stays down after the outage, the broker carries on.
    let is_right = accepted("sync") < 0.5 && accepted("async") > 0.999;
    let mark = if is_right { "✓" } else { "✗" };
    say(&format!(
        "order_checkout --quick: {took:.2} s for a first look at three variants {mark}"
    ));
    is_right
}

/// One line; false if a result is wrong.
fn report(workload: &Workload, told: &[Told], floor: Option<f64>, is_brief: bool) -> bool {
    let ns = median(told, |one| one.ns_per_flow_run);
    let ratio = floor.map_or("–".to_owned(), |floor| format!("{:.2}×", ns / floor));
    let rate = median(told, |one| one.events_per_s);
    let first = &told[0];
    // A tenth of the length has √10 times the error.
    let wider = if is_brief { 10_f64.sqrt() } else { 1.0 };
    let judge = |seen: f64, known: &Known| {
        // Histograms have three significant digits.
        let within = known.within * wider + known.value * 1e-3;
        let is_right = (seen - known.value).abs() <= within;
        let mark = if is_right { "✓" } else { "✗" };
        let (seen, value, within) = (seen * 1e3, known.value * 1e3, within * 1e3);
        (
            is_right,
            format!("{mark} {seen:.2}, {value:.2} ±{within:.2} ms"),
        )
    };
    let (mean_is_right, mean) = judge(first.mean, &workload.mean);
    let (p99_is_right, p99) = judge(first.p99, &workload.p99);
    say(&format!(
        "{:<19} {ns:>11.1} {:>9.1} {:>8.2}M {:>11.2} {ratio:>9}   {mean}   {p99}",
        workload.stem,
        1e9 / rate,
        rate / 1e6,
        first.events / first.flow_runs,
    ));
    mean_is_right && p99_is_right
}

fn median(told: &[Told], of: impl Fn(&Told) -> f64) -> f64 {
    let mut all: Vec<f64> = told.iter().map(of).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

#[expect(clippy::print_stdout, reason = "the result of a bench")]
fn say(line: &str) {
    println!("{line}");
}
