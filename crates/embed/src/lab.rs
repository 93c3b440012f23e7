//! The class that JavaScript sees.

use std::rc::Rc;

use hopscope_core::timeline::{Goal, Progress, Timeline};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, JsValue};

use crate::{input, output};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// A scenario, run on a seed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Lab {
    run: Timeline,
}

fn thrown(why: impl AsRef<str>) -> JsError {
    JsError::new(why.as_ref())
}

fn given<T: Serialize>(value: &T) -> Result<JsValue, JsError> {
    value.serialize(&Serializer::json_compatible()).map_err(|error| thrown(error.to_string()))
}

#[wasm_bindgen]
impl Lab {
    /// A run at its start. `scenario` is an object in the shape of a lab's TOML file; without a
    /// seed, the scenario's own is taken.
    ///
    /// # Errors
    /// Throws a sentence that names what is wrong with the scenario or the seed, and where.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Scenario")] scenario: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number | bigint | string")] seed: &JsValue,
    ) -> Result<Self, JsError> {
        let scenario = input::scenario(scenario).map_err(thrown)?;
        let spec = scenario.compile().map_err(|why| thrown(why.to_string()))?;
        let seed = input::seed(seed).map_err(thrown)?.unwrap_or(spec.scenario.seed);
        Ok(Self { run: Timeline::new(Rc::new(spec), seed) })
    }

    /// Handles the next event; `false` when the run is over.
    pub fn step(&mut self) -> bool {
        self.run.step()
    }

    /// Goes back one event; `false` at the start.
    #[wasm_bindgen(js_name = stepBack)]
    pub fn step_back(&mut self) -> bool {
        self.run.step_back()
    }

    /// Goes to a position, or to the end of the run if that comes first.
    ///
    /// # Errors
    /// Throws when it is not a whole number from 0 on.
    pub fn seek(&mut self, ordinal: f64) -> Result<(), JsError> {
        self.run.seek(input::ordinal(ordinal, "A position").map_err(thrown)?);
        Ok(())
    }

    /// Goes to the last event at or before a moment, in milliseconds.
    ///
    /// # Errors
    /// Throws when it is not a number from 0 on.
    #[wasm_bindgen(js_name = seekTime)]
    pub fn seek_time(&mut self, ms: f64) -> Result<(), JsError> {
        self.run.seek_time(input::moment(ms).map_err(thrown)?);
        Ok(())
    }

    /// Goes some way towards a position, handling at most `budget` events, so that a page can
    /// draw in between; `true` once it stands there or at the end of the run.
    ///
    /// # Errors
    /// Throws when either is not a whole number from 0 on.
    #[wasm_bindgen(js_name = seekSome)]
    pub fn seek_some(&mut self, ordinal: f64, budget: f64) -> Result<bool, JsError> {
        let ordinal = input::ordinal(ordinal, "A position").map_err(thrown)?;
        let budget = input::ordinal(budget, "A budget").map_err(thrown)?;
        Ok(self.run.work(Goal::Ordinal(ordinal), budget) == Progress::Done)
    }

    /// Turns a knob or switches a fault where the run stands; what was known of the future is dropped.
    ///
    /// # Errors
    /// Throws a sentence that says why the action cannot be taken; nothing has changed then.
    pub fn act(&mut self, #[wasm_bindgen(unchecked_param_type = "Action")] action: &JsValue) -> Result<(), JsError> {
        let kind = input::action(action).map_err(thrown)?;
        self.run.act(kind).map_err(|why| thrown(format!("The action cannot be taken: {why}.")))
    }

    /// Takes back the last action; `false` when there is none.
    pub fn undo(&mut self) -> bool {
        self.run.undo()
    }

    /// Everything about the run where it stands.
    ///
    /// # Errors
    /// Never in practice; the border itself may refuse a value.
    #[wasm_bindgen(unchecked_return_type = "Snapshot")]
    pub fn snapshot(&self) -> Result<JsValue, JsError> {
        given(&output::Snapshot::of(&self.run))
    }

    /// What happened at the positions from `from` to `to`, both included, as far as it is known.
    ///
    /// # Errors
    /// Throws when either is not a whole number from 0 on.
    #[wasm_bindgen(unchecked_return_type = "LabEvent[]")]
    pub fn events(&self, from: f64, to: f64) -> Result<JsValue, JsError> {
        let from = input::ordinal(from, "A position").map_err(thrown)?;
        let to = input::ordinal(to, "A position").map_err(thrown)?;
        given(&output::events(&self.run, from, to))
    }

    /// A decision by the index that its event carries, with every candidate and the reason.
    ///
    /// # Errors
    /// Throws when there is no such decision.
    #[wasm_bindgen(unchecked_return_type = "Decision")]
    pub fn decision(&self, index: f64) -> Result<JsValue, JsError> {
        let index = input::ordinal(index, "An index").map_err(thrown)?;
        let decision = output::Decision::of(&self.run, index).ok_or_else(|| thrown(format!("There is no decision {index} yet.")))?;
        given(&decision)
    }

    /// A digest over everything that has happened up to the position, as 16 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        format!("{:016x}", self.run.fingerprint())
    }

    /// The seed, in decimal digits.
    #[wasm_bindgen(getter)]
    pub fn seed(&self) -> String {
        self.run.seed().to_string()
    }

    /// How many events have happened where the run stands.
    #[wasm_bindgen(getter)]
    pub fn position(&self) -> u32 {
        self.run.position()
    }

    /// How many events are known; positions up to here are reached at once.
    #[wasm_bindgen(getter)]
    pub fn known(&self) -> u32 {
        self.run.known().0
    }

    /// The moment where the run stands, in milliseconds.
    #[wasm_bindgen(getter)]
    pub fn now(&self) -> f64 {
        self.run.now().as_millis_f64()
    }

    /// Whether nothing is left to happen.
    #[wasm_bindgen(getter, js_name = isOver)]
    pub fn is_over(&self) -> bool {
        self.run.is_over()
    }
}
