//! The tables: what was measured, against what the design asks for.

use std::fmt::Write as _;

use crate::compare::{Cost, median, ratio};

/// A table of figures, printed at the end and kept in `docs/PERFORMANCE.md`.
#[derive(Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
    costs: String,
}

/// What the design asks of a figure, and its unit.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    /// It must not be above this.
    AtMost(f64, &'static str),
    /// It must not be below this.
    AtLeast(f64, &'static str),
}

struct Figure {
    id: &'static str,
    work: String,
    measured: String,
    asked: String,
    reached: bool,
}

impl Report {
    /// A figure against what the design asks.
    pub(crate) fn check(&mut self, id: &'static str, work: &str, measured: f64, limit: Limit) {
        let (reached, sign, bound, unit) = match limit {
            Limit::AtMost(bound, unit) => (measured <= bound, '≤', bound, unit),
            Limit::AtLeast(bound, unit) => (measured >= bound, '≥', bound, unit),
        };
        let asked = format!("{sign} {bound}{unit}");
        let digits = if measured < 100.0 { 2 } else { 0 };
        let measured = format!("{measured:.digits$}{unit}");
        eprintln!("{id} {work}: {measured}, asked {asked}");
        self.figures.push(Figure { id, work: work.to_owned(), measured, asked, reached });
    }

    /// The raw costs behind ratios: one line a server.
    pub(crate) fn costs(&mut self, work: &str, costs: &[Cost]) {
        let first = costs.first();
        for cost in costs {
            let line = format!(
                "| {work} | {} | {:.1} | {:.2} | {:.0} | {:.2} | {:.2} |",
                cost.name,
                median(&cost.cpu_us),
                first.map_or(0.0, |first| ratio(&first.cpu_us, &cost.cpu_us)),
                median(&cost.rate),
                median(&cost.p50_ms),
                median(&cost.p99_ms),
            );
            eprintln!("{line}");
            self.costs.push_str(&line);
            self.costs.push('\n');
        }
    }

    /// Both tables as Markdown.
    pub(crate) fn render(&self) -> String {
        let mut text = String::from("| # | work | measured | asked | |\n|---|---|---|---|---|\n");
        for figure in &self.figures {
            let Figure { id, work, measured, asked, reached } = figure;
            let mark = if *reached { "reached" } else { "**missed**" };
            let _infallible = writeln!(text, "| {id} | {work} | {measured} | {asked} | {mark} |");
        }
        text.push_str("\n| work | server | CPU µs a request | Rollcall ÷ it | requests/s | p50 ms | p99 ms |\n");
        text.push_str("|---|---|---|---|---|---|---|\n");
        text.push_str(&self.costs);
        text
    }
}
