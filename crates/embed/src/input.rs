//! From JavaScript values to the engine's, with errors that say where.

use hopscope_core::scenario::{
    ActionKind, Backend, Clients, Fault, Forwarder, Goal, Knob, Link, LinkQuality, Proxy, Scenario, Scripted, Switch, Variant,
};
use hopscope_core::time::{Duration, Instant};
use js_sys::{Array, BigInt, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

/// A scenario from an object in the shape of a lab's TOML file.
pub(crate) fn scenario(value: &JsValue) -> Result<Scenario, String> {
    read(value, "The scenario", culprit)
}

/// An action from `{ set: { knob, to } }` or `{ fault: { id, on } }`.
pub(crate) fn action(value: &JsValue) -> Result<ActionKind, String> {
    read(value, "The action", |_| None)
}

fn read<T: DeserializeOwned + Serialize>(value: &JsValue, what: &str, culprit: impl Fn(&JsValue) -> Option<String>) -> Result<T, String> {
    if !value.is_object() || Array::is_array(value) {
        return Err(format!("{what} must be an object."));
    }
    let read: T = serde_wasm_bindgen::from_value(value.clone()).map_err(|error| {
        let at = culprit(value).map(|at| format!(" at {at}")).unwrap_or_default();
        format!("{what} cannot be read{at}: {}.", message(&error))
    })?;
    let known = read.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(|error| message(&error))?;
    match stray(value, &known, "") {
        Some(why) => Err(why),
        None => Ok(read),
    }
}

/// Which part of a scenario cannot be read, as `clients[0]`.
fn culprit(scenario: &JsValue) -> Option<String> {
    let part = |name: &str| Reflect::get(scenario, &name.into()).ok().filter(|part| !part.is_undefined());
    let one = |name: &str, fits: &dyn Fn(JsValue) -> bool| part(name).filter(|part| !fits(part.clone())).map(|_| name.to_owned());
    let each = |name: &str, fits: &dyn Fn(JsValue) -> bool| {
        let list = part(name)?;
        if !Array::is_array(&list) {
            return Some(name.to_owned());
        }
        Array::from(&list).iter().position(|item| !fits(item)).map(|i| format!("{name}[{i}]"))
    };
    each("clients", &fits::<Clients>)
        .or_else(|| each("proxies", &fits::<Proxy>))
        .or_else(|| each("forwarders", &fits::<Forwarder>))
        .or_else(|| each("backends", &fits::<Backend>))
        .or_else(|| each("switches", &fits::<Switch>))
        .or_else(|| each("links", &fits::<Link>))
        .or_else(|| each("knobs", &fits::<Knob>))
        .or_else(|| each("faults", &fits::<Fault>))
        .or_else(|| each("script", &fits::<Scripted>))
        .or_else(|| each("goals", &fits::<Goal>))
        .or_else(|| each("variants", &fits::<Variant>))
        .or_else(|| one("horizon", &fits::<Duration>))
        .or_else(|| one("opens_at", &fits::<Duration>))
        .or_else(|| one("link", &fits::<LinkQuality>))
}

fn fits<T: DeserializeOwned>(value: JsValue) -> bool {
    serde_wasm_bindgen::from_value::<T>(value).is_ok()
}

/// The sentence of an error that JavaScript would show as `Error: …`.
fn message(error: &serde_wasm_bindgen::Error) -> String {
    let text = error.to_string();
    text.strip_prefix("Error: ").unwrap_or(&text).trim_end_matches('.').to_owned()
}

/// A field of the input that nobody has read: a slip of the pen would otherwise go unseen.
/// What was read is written again, with every field there is, and the two are compared.
fn stray(given: &JsValue, known: &JsValue, at: &str) -> Option<String> {
    if Array::is_array(given) {
        let (given, known) = (Array::from(given), Array::from(known));
        return given.iter().zip(known.iter()).enumerate().find_map(|(i, (g, k))| stray(&g, &k, &format!("{at}[{i}]")));
    }
    let (given_object, known_object) = (given.dyn_ref::<Object>()?, known.dyn_ref::<Object>()?);
    Object::keys(given_object).iter().find_map(|key| {
        let name = key.as_string()?;
        let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        if !Reflect::has(known, &key).unwrap_or(false) {
            let names: Vec<String> = Object::keys(known_object).iter().filter_map(|key| key.as_string()).collect();
            return Some(format!("There is no \"{path}\". Known here: {}.", names.join(", ")));
        }
        stray(&Reflect::get(given, &key).ok()?, &Reflect::get(known, &key).ok()?, &path)
    })
}

/// A seed: a whole number, a bigint, or a string of digits for those past 2^53.
pub(crate) fn seed(value: &JsValue) -> Result<Option<u64>, String> {
    let wrong = || "The seed must be a whole number from 0 to 2^64 - 1; past 2^53 write it as a string or a bigint.".to_owned();
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    if let Some(number) = value.as_f64() {
        return whole(number).map(Some).ok_or_else(wrong);
    }
    let text = match value.dyn_ref::<BigInt>() {
        Some(big) => big.to_string(10).ok().and_then(|text| text.as_string()),
        None => value.as_string(),
    };
    text.and_then(|text| text.trim().parse().ok()).map(Some).ok_or_else(wrong)
}

/// A whole number that a float holds exactly.
fn whole(number: f64) -> Option<u64> {
    const LIMIT: f64 = 9_007_199_254_740_991.0;
    ((0.0..=LIMIT).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}

/// An event's ordinal; what lies past the end of a run means the end.
pub(crate) fn ordinal(number: f64, what: &str) -> Result<u32, String> {
    match whole(number) {
        Some(number) => Ok(u32::try_from(number).unwrap_or(u32::MAX)),
        None => Err(format!("{what} must be a whole number from 0 on, and is {number}.")),
    }
}

/// A moment in milliseconds since the run began.
pub(crate) fn moment(ms: f64) -> Result<Instant, String> {
    if ms >= 0.0 && ms.is_finite() {
        Ok(Instant::START + Duration::from_micros_f64(ms * 1_000.0))
    } else {
        Err(format!("A moment is a number of milliseconds from 0 on, and this is {ms}."))
    }
}
