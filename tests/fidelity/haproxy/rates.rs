//! Rates in stick tables, and who is denied because of them.

use std::cell::Cell;
use std::rc::Rc;

use hopscope_core::policy::affinity::Rows;
use hopscope_core::policy::limit::haproxy::Counter;
use hopscope_core::time::Instant;
use serde_json::{Value, json};

use crate::config::haproxy::read;
use crate::config::rates::{Action, Condition, Fetch, Match, Rate, Rates, Read, Rule, Table, Test, rates};
use crate::pool::moment;
use crate::replay::{Expect, Family};
use crate::trace::Trace;

/// Requests that are counted.
pub(crate) const FAMILY: Family = Family { name: "HAProxy rates", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    let config = trace.config.as_str().unwrap_or_default();
    trace.system.starts_with("haproxy")
        && config.contains("track-sc")
        && (config.contains("http_req_rate(") || config.contains("conn_rate("))
}

/// A table with the counters of its rows, by the number that stands in a row.
struct Counted {
    table: Table,
    rows: Rows,
    counters: Vec<[Option<Counter>; 2]>,
}

impl Counted {
    fn new(table: &Table) -> Self {
        Self { table: table.clone(), rows: Rows::new(table.limits), counters: Vec::new() }
    }

    fn key(&self, key: &str) -> String {
        key.chars().take(self.table.letters).collect()
    }

    /// Counts a request, and a connection, in the row of a key; the row, if there is room for one.
    fn track(&mut self, key: &str, now: Instant) -> Option<u16> {
        let key = self.key(key);
        let row = self.rows.look_up(&key, now).or_else(|| {
            let next = u16::try_from(self.counters.len()).ok().filter(|_| self.rows.make_room(now))?;
            self.counters.push([None, None]);
            self.rows.store(&key, next, now, now);
            Some(next)
        })?;
        let periods = [self.table.requests, self.table.connections];
        for (counter, period) in self.counters[usize::from(row)].iter_mut().zip(periods) {
            if let Some(period) = period {
                counter.get_or_insert(Counter::fresh(now)).update(period, now, 1);
            }
        }
        Some(row)
    }

    fn rate(&self, row: u16, rate: Rate, now: Instant) -> Option<u32> {
        let (at, period) = match rate {
            Rate::Requests => (0, self.table.requests?),
            Rate::Connections => (1, self.table.connections?),
        };
        Some(self.counters.get(usize::from(row))?[at].map_or(0, |counter| counter.rate(period, now)))
    }
}

/// HAProxy while it looks at one request.
struct Run<'a> {
    config: &'a Rates,
    tables: &'a mut [Counted],
    request: &'a Value,
    now: Instant,
    /// What each counter tracks: the table and the row.
    tracked: [Option<(usize, u16)>; 16],
}

impl Run<'_> {
    fn table(&self, name: Option<&String>) -> Result<usize, String> {
        let name = name.unwrap_or(&self.config.section);
        let found = self.tables.iter().position(|counted| counted.table.name == *name);
        found.ok_or_else(|| format!("there is no table in {name}"))
    }

    fn fetch(&self, fetch: &Fetch) -> Result<Option<u32>, String> {
        let place = match &fetch.read {
            Read::Tracked(counter) => self.tracked.get(usize::from(*counter)).copied().flatten(),
            Read::Key(sample) => {
                let table = self.table(fetch.table.as_ref())?;
                let counted = &self.tables[table];
                sample.of(self.request).and_then(|key| Some((table, counted.rows.find(&counted.key(&key), self.now)?)))
            }
        };
        Ok(place.and_then(|(table, row)| self.tables[table].rate(row, fetch.rate, self.now)))
    }

    fn holds(&self, condition: Option<&Condition>) -> Result<bool, String> {
        let Some(condition) = condition else { return Ok(true) };
        for row in &condition.any {
            let mut all = true;
            for test in row {
                all = all && self.test(test)?;
            }
            if all {
                return Ok(!condition.unless);
            }
        }
        Ok(condition.unless)
    }

    fn test(&self, test: &Test) -> Result<bool, String> {
        Ok(match test {
            Test::Always(holds) => *holds,
            Test::Not(inner) => !self.test(inner)?,
            Test::Rate(fetch, operator, n) => {
                let Some(rate) = self.fetch(fetch)? else { return Ok(false) };
                let order = i64::from(rate).cmp(n);
                match operator.as_str() {
                    "gt" => order.is_gt(),
                    "ge" => order.is_ge(),
                    "lt" => order.is_lt(),
                    "le" => order.is_le(),
                    _ => order.is_eq(),
                }
            }
            Test::Is(sample, how, values) => {
                let Some(taken) = sample.of(self.request) else { return Ok(false) };
                match how {
                    Match::Found => true,
                    Match::Exactly => values.contains(&taken),
                    Match::Beginning => values.iter().any(|start| taken.starts_with(start)),
                }
            }
        })
    }

    /// The status that it is denied with, and the last rate that was shown.
    fn run(&mut self) -> Result<(Option<u16>, Option<u32>), String> {
        let mut shown = None;
        for Rule { action, condition } in &self.config.rules {
            if !self.holds(condition.as_ref())? {
                continue;
            }
            match action {
                Action::Deny { status } => return Ok((Some(*status), shown)),
                Action::Show(fetch) => shown = self.fetch(fetch)?,
                Action::Track { counter, key, table } => {
                    let table = self.table(table.as_ref())?;
                    let place = self.tracked.get_mut(usize::from(*counter)).ok_or("there are sixteen counters")?;
                    // Who tracks something already goes on with that.
                    if place.is_none()
                        && let Some(key) = key.of(self.request)
                    {
                        *place = self.tables[table].track(&key, self.now).map(|row| (table, row));
                    }
                }
            }
        }
        Ok((None, shown))
    }
}

/// What becomes of every request, when the recording begins in an even or an odd millisecond.
fn replayed(trace: &Trace, config: &Rates, odd: u64) -> Result<Vec<Value>, String> {
    let mut tables: Vec<Counted> = config.tables.iter().map(Counted::new).collect();
    let decide = |step: &crate::trace::Step| {
        if step.kind == "control" && step.control["op"] == "wait_ms" {
            return Ok(Value::Null);
        }
        if step.kind != "request" {
            return Err(format!("not modelled yet: {} of HAProxy's rates", step.kind));
        }
        let now = Instant(moment(step).0 + odd * 1_000);
        let mut run = Run { config, tables: &mut tables, request: &step.request, now, tracked: [None; 16] };
        let (denied, shown) = run.run()?;
        let backend = if denied.is_none() { config.server.clone() } else { None };
        Ok(json!({ "backend": backend, "status": denied.unwrap_or(200), "rate_after": shown }))
    };
    trace.steps.iter().map(decide).collect()
}

/// A period begins in an even millisecond, because the last bit is a lock, and recordings do not say
/// which of theirs are even: all of a recording has to hold for one or the other.
fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let config = rates(&read(trace.config.as_str().unwrap_or_default()))?;
    let runs = [replayed(trace, &config, 0)?, replayed(trace, &config, 1)?];
    let [even, odd] = runs;
    let fits = Rc::new(Cell::new([true, true]));
    let expect = even.into_iter().zip(odd).map(|pair| {
        if pair.0.is_null() {
            return Expect::Nothing;
        }
        let fits = fits.clone();
        Expect::Holds(Box::new(move |decided| {
            let [even, odd] = fits.get();
            let same = [even && covers(&pair.0, decided), odd && covers(&pair.1, decided)];
            if same == [false, false] {
                return Err(format!("{} here and {decided} in the recording", if even { &pair.0 } else { &pair.1 }));
            }
            fits.set(same);
            Ok(())
        }))
    });
    Ok(expect.collect())
}

/// Whether every field that was recorded is as it is here.
fn covers(here: &Value, decided: &Value) -> bool {
    decided.as_object().is_some_and(|fields| !fields.is_empty() && fields.iter().all(|(name, value)| here.get(name) == Some(value)))
}
