//! Putting things in order: by lifting one and moving it with arrows, by buttons, or by dragging.
//!
//! The page is the state: the items stand in the order in which the learner left them. It is
//! always the neighbour that moves, so that the item itself keeps focus and pointer.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node, PointerEvent};

use super::read::{all, first};

/// Which way an item moves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Towards the beginning.
    Up,
    /// Towards the end.
    Down,
}

/// Moves an item by one and says where it is now; nothing when it stands at the end already.
pub(crate) fn shift(item: &Element, way: Way) -> Option<String> {
    let list = item.parent_element()?;
    let neighbour = match way {
        Way::Up => item.previous_element_sibling()?,
        Way::Down => item.next_element_sibling()?,
    };
    let before: Option<Node> = match way {
        Way::Up => item.next_sibling(),
        Way::Down => Some(item.clone().into()),
    };
    list.insert_before(&neighbour, before.as_ref()).ok()?;
    Some(format!("{}: now {}.", name(item), place(item)))
}

/// Lifts an item or sets it down, and says so.
pub(crate) fn toggle(item: &Element) -> Option<String> {
    if is_lifted(item) {
        set_down(item);
        return Some(format!("{}: set down at {}.", name(item), place(item)));
    }
    for other in item.parent_element().map(|list| all(&list, "[data-item]")).unwrap_or_default() {
        set_down(&other);
    }
    let _ = item.set_attribute("data-from", &index(item).to_string());
    press(item, true);
    Some(format!("{}: lifted at {}. Arrow keys move it, Space sets it down, Escape puts it back.", name(item), place(item)))
}

/// Puts a lifted item back to where it was lifted.
pub(crate) fn put_back(item: &Element) -> Option<String> {
    let from: usize = item.get_attribute("data-from").filter(|_| is_lifted(item))?.parse().ok()?;
    move_to(item, from);
    set_down(item);
    Some(format!("{}: back at {}.", name(item), place(item)))
}

/// Whether an item is lifted.
pub(crate) fn is_lifted(item: &Element) -> bool {
    item.get_attribute("data-lifted").is_some()
}

/// Sets an item down where it is.
pub(crate) fn set_down(item: &Element) {
    press(item, false);
}

/// Moves the focus to the item before or after.
pub(crate) fn focus_neighbour(item: &Element, way: Way) {
    let neighbour = match way {
        Way::Up => item.previous_element_sibling(),
        Way::Down => item.next_element_sibling(),
    };
    if let Some(handle) = neighbour.and_then(|neighbour| first(&neighbour, "[data-lift]")) {
        let _ = handle.focus();
    }
}

fn press(item: &Element, lifted: bool) {
    let _ = item.toggle_attribute_with_force("data-lifted", lifted);
    if let Some(handle) = first(item, "[data-lift]") {
        let _ = handle.set_attribute("aria-pressed", if lifted { "true" } else { "false" });
    }
}

fn index(item: &Element) -> usize {
    item.parent_element()
        .map(|list| all(&list, "[data-item]"))
        .and_then(|items| items.iter().position(|other| other.is_same_node(Some(item))))
        .unwrap_or(0)
}

fn place(item: &Element) -> String {
    let count = item.parent_element().map_or(0, |list| list.child_element_count());
    format!("{} of {count}", index(item) + 1)
}

fn name(item: &Element) -> String {
    first(item, ".item-text").and_then(|text| text.text_content()).unwrap_or_default()
}

fn move_to(item: &Element, place: usize) {
    while index(item) > place && shift(item, Way::Up).is_some() {}
    while index(item) < place && shift(item, Way::Down).is_some() {}
}

/// An item under the pointer.
#[derive(Default)]
pub(crate) struct Drag {
    item: Option<HtmlElement>,
    pointer: i32,
    /// Whether it has moved: then the click that ends the drag means nothing more.
    moved: bool,
}

impl Drag {
    /// Takes hold of an item, if the pointer came down on one. A finger has to take the grip,
    /// because anywhere else it scrolls the page.
    pub(crate) fn start(&mut self, event: &PointerEvent) {
        self.moved = false;
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
        let handle = if event.pointer_type() == "mouse" { "[data-lift]" } else { "[data-grip]" };
        if event.button() != 0 || target.closest(handle).ok().flatten().is_none() {
            return;
        }
        self.item = target.closest("[data-item]").ok().flatten().and_then(|item| item.dyn_into().ok());
        self.pointer = event.pointer_id();
        if let Some(item) = &self.item {
            let _ = item.set_pointer_capture(self.pointer);
        }
    }

    /// Follows the pointer: the item passes a neighbour once the pointer is past its middle.
    pub(crate) fn follow(&mut self, event: &PointerEvent) {
        let Some(item) = self.item.clone().filter(|_| event.pointer_id() == self.pointer) else { return };
        let y = f64::from(event.client_y());
        while item.previous_element_sibling().is_some_and(|above| y < middle(&above)) {
            self.carry(&item, Way::Up);
        }
        while item.next_element_sibling().is_some_and(|below| y > middle(&below)) {
            self.carry(&item, Way::Down);
        }
    }

    fn carry(&mut self, item: &HtmlElement, way: Way) {
        self.moved = true;
        press(item, true);
        let _ = shift(item, way);
    }

    /// Lets go, and says where the item is if it has moved.
    pub(crate) fn end(&mut self) -> Option<String> {
        let item = self.item.take()?;
        let _ = item.release_pointer_capture(self.pointer);
        if !self.moved {
            return None;
        }
        set_down(&item);
        Some(format!("{}: now {}.", name(&item), place(&item)))
    }

    /// Whether the click that follows belongs to a drag; asks once.
    pub(crate) fn swallows_click(&mut self) -> bool {
        core::mem::take(&mut self.moved)
    }
}

fn middle(element: &Element) -> f64 {
    let area = element.get_bounding_client_rect();
    area.top() + area.height() / 2.0
}
