//! A scenario file, run.

use std::path::Path;
use std::rc::Rc;

use hopscope_core::describe::access_line;
use hopscope_core::scenario::{ActionKind, Scenario, Spec, Value};
use hopscope_core::time::{Duration, Instant};
use hopscope_core::timeline::{Goal, Timeline};
use hopscope_core::world::{Event, FlightKind, NodeId};

use crate::story::line;

/// A run of a scenario, with the means to read its log.
#[derive(Debug)]
pub struct Run {
    /// The run itself.
    pub timeline: Timeline,
}

impl Run {
    /// The run of `tests/scenarios/<name>.toml`, at its start.
    ///
    /// # Panics
    /// When the file is missing or wrong: a test cannot go on without it.
    pub fn of(name: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.toml"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        Self::of_text(&text).unwrap_or_else(|why| panic!("{}: {why}", file.display()))
    }

    /// The run of a scenario written as TOML, at its start.
    ///
    /// # Errors
    /// What is wrong with the scenario.
    pub fn of_text(text: &str) -> Result<Self, String> {
        let scenario: Scenario = toml::from_str(text).map_err(|why| why.to_string())?;
        let spec = scenario.compile().map_err(|why| why.to_string())?;
        let seed = spec.scenario.seed;
        Ok(Self { timeline: Timeline::new(Rc::new(spec), seed) })
    }

    /// The run of a scenario file, at its end.
    pub fn ended(name: &str) -> Self {
        Self::of(name).to_the_end()
    }

    /// The same run at its end.
    #[must_use]
    pub fn to_the_end(mut self) -> Self {
        self.timeline.work(Goal::End, u32::MAX);
        self
    }

    /// The same run at a moment.
    #[must_use]
    pub fn until_ms(mut self, ms: u64) -> Self {
        self.timeline.seek_time(Instant::START + Duration::from_millis(ms));
        self
    }

    /// The same run after a knob was turned.
    ///
    /// # Panics
    /// When the knob does not take the value.
    #[must_use]
    pub fn set(self, knob: &str, to: Value) -> Self {
        self.act(ActionKind::Set { knob: knob.to_owned(), to })
    }

    /// The same run after a fault was switched.
    ///
    /// # Panics
    /// When there is no such fault.
    #[must_use]
    pub fn fault(self, id: &str, on: bool) -> Self {
        self.act(ActionKind::Fault { id: id.to_owned(), on })
    }

    fn act(mut self, kind: ActionKind) -> Self {
        self.timeline.act(kind).unwrap_or_else(|why| panic!("{why}"));
        self
    }

    /// The scenario.
    pub fn spec(&self) -> &Spec {
        self.timeline.spec()
    }

    /// The node of that name.
    ///
    /// # Panics
    /// When there is none.
    pub fn node(&self, name: &str) -> NodeId {
        self.spec().id(name).unwrap_or_else(|| panic!("there is no node {name}"))
    }

    /// What became of one user's request, in lines such as `12 b1 receives`; what is about its
    /// connections alone is left out.
    pub fn story(&self, root: u32) -> Vec<String> {
        let about_a_connection =
            |event: &Event| matches!(event, Event::Dialed { .. } | Event::Accepted { .. } | Event::Connected { .. } | Event::Reset { .. });
        let records = self.timeline.log().records().iter().filter(|record| record.root == root && !about_a_connection(&record.event));
        records.map(|record| line(record, &self.timeline)).collect()
    }

    /// Everything known, in the same lines.
    pub fn lines(&self) -> Vec<String> {
        self.timeline.log().records().iter().map(|record| line(record, &self.timeline)).collect()
    }

    /// How many records a test is after.
    pub fn count(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.timeline.log().records().iter().filter(|record| wanted(&record.event)).count()
    }

    /// The request of a group that sends just one, or its first.
    ///
    /// # Panics
    /// When it has sent none.
    pub fn request_of(&self, group: &str) -> u32 {
        self.requests_of(group).first().copied().unwrap_or_else(|| panic!("{group} has sent nothing"))
    }

    /// The users' requests of a group, by number, in the order in which they were sent.
    pub fn requests_of(&self, group: &str) -> Vec<u32> {
        let group = self.node(group);
        let sent = |event: &Event| matches!(event, Event::Arrived { node, .. } if *node == group);
        let records = self.timeline.log().records().iter();
        records.filter(|record| sent(&record.event)).map(|record| record.root).collect()
    }

    /// Who received a request, node by node, whether it was read there or only passed on; with an
    /// arrow to the left for the answer's way back.
    pub fn path(&self, root: u32) -> String {
        let records = self.timeline.log().records().iter().filter(|record| record.root == root);
        let steps = records.filter_map(|record| match record.event {
            Event::Arrived { node, .. } => Some(self.spec().node(node).name.clone()),
            Event::Received { node, .. } | Event::Passed { node, back: false, .. } => Some(format!("> {}", self.spec().node(node).name)),
            Event::Returned { node, .. } | Event::Passed { node, back: true, .. } => Some(format!("< {}", self.spec().node(node).name)),
            _ => None,
        });
        steps.collect::<Vec<_>>().join(" ")
    }

    /// Whom a balancer picked, decision by decision; `-` for nobody.
    pub fn picks(&self, balancer: &str) -> Vec<String> {
        let node = self.node(balancer);
        let decisions = self.timeline.log().decisions.all().iter().filter(|decision| decision.node == node);
        decisions.map(|decision| decision.chosen.map_or_else(|| "-".to_owned(), |id| self.spec().node(id).name.clone())).collect()
    }

    /// The access log of a node, as its product writes it.
    pub fn access_log(&self, name: &str) -> Vec<String> {
        let node = self.node(name);
        let lines = self.timeline.log().access.iter().filter(|line| line.node == node);
        lines.filter_map(|line| access_line(line, self.timeline.world())).collect()
    }

    /// How the flights of a kind fared: started, served, rejected, failed.
    pub fn fates(&self, kind: FlightKind) -> [u64; 4] {
        let fates = self.timeline.world().metrics().fates(kind);
        [fates.started, fates.served, fates.rejected, fates.failed]
    }
}
