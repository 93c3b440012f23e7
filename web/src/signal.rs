//! Hearing and sending events in the page.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CustomEvent, CustomEventInit, Event, EventTarget};

/// Calls `handler` for every event of that name, for as long as the page lives.
pub(crate) fn listen(target: &EventTarget, name: &str, handler: impl FnMut(Event) + 'static) {
    listen_boxed(target, name, Box::new(handler));
}

/// One copy of the glue, whatever the handler.
fn listen_boxed(target: &EventTarget, name: &str, handler: Box<dyn FnMut(Event)>) {
    let closure = Closure::wrap(handler);
    // A target that cannot be listened to does not exist here.
    let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Dispatches a custom event on the document; `detail` becomes an object of texts.
pub(crate) fn announce(name: &str, detail: &[(&str, &str)]) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let object = Object::new();
    for (key, value) in detail {
        let _ = Reflect::set(&object, &(*key).into(), &(*value).into());
    }
    let init = CustomEventInit::new();
    init.set_detail(&object);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &init) {
        let _ = document.dispatch_event(&event);
    }
}
