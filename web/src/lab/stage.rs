//! The stage: an SVG of everything that stands still, and a canvas above it for what moves.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, MouseEvent};

use super::parts::replace;
use super::run::State;
use crate::views::dots::{Dot, DotMark, dots};
use crate::views::geometry::Geometry;
use crate::views::{self, Scene, Shape};

/// How near a click must be to a dot, in the stage's own units.
const REACH: f64 = 18.0;
/// The radius of a dot.
const RADIUS: f64 = 5.0;

/// The scene of one of the runs.
fn scene(s: &State, index: usize) -> Scene<'_> {
    let timeline = &s.runs[index].timeline;
    let inspected = index == s.shown;
    let selected = if inspected { s.request() } else { None };
    let decision = if inspected { views::decision::latest(timeline, s.selected) } else { None };
    let chosen = decision.and_then(|d| Some((d.node, d.chosen?)));
    let shape = if s.runs.len() > 1 && s.width >= 900 { Shape::Half } else { Shape::for_width(s.width) };
    Scene { lab: &s.lab, world: timeline.world(), log: timeline.log(), shape, selected, chosen }
}

/// What was last painted, so that only what has changed is painted again.
#[derive(Default)]
pub struct Painter {
    pictures: Vec<String>,
    theme: String,
    colours: Colours,
}

#[derive(Default)]
struct Colours {
    ok: String,
    error: String,
    control: String,
    ink: String,
}

impl Painter {
    /// Paints the stages of all runs in their place.
    pub fn paint(&mut self, s: &State, place: &Option<Element>) {
        let Some(place) = place else { return };
        self.pictures.resize(s.runs.len(), String::new());
        self.follow_theme(place);
        for index in 0..s.runs.len() {
            let Ok(Some(frame)) = place.query_selector(&format!("[data-run=\"{index}\"]")) else { continue };
            let scene = scene(s, index);
            let geometry = Geometry::new(&scene);
            if let Some(picture) = frame.first_element_child() {
                // A place that was made anew is empty, whatever was drawn in the old one.
                if !picture.has_child_nodes() {
                    self.pictures[index].clear();
                }
                replace(&picture, &mut self.pictures[index], views::stage::draw(&scene, &geometry));
            }
            let canvas = frame.last_element_child().and_then(|c| c.dyn_into::<HtmlCanvasElement>().ok());
            if let Some(canvas) = canvas {
                self.dots(&canvas, &scene, &geometry, s);
            }
        }
    }

    fn follow_theme(&mut self, place: &Element) {
        let chosen = document().document_element().and_then(|root| root.get_attribute("data-theme")).unwrap_or_default();
        let dark = window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|m| m.matches());
        let now = if dark { chosen + " dark" } else { chosen };
        // Before the stylesheets have come there are no colours to read.
        if now == self.theme && !self.colours.ok.is_empty() {
            return;
        }
        self.theme = now;
        let style = window().get_computed_style(place).ok().flatten();
        let token = |name: &str| style.as_ref().and_then(|s| s.get_property_value(name).ok()).unwrap_or_default();
        self.colours = Colours { ok: token("--ok"), error: token("--error"), control: token("--client"), ink: token("--ink") };
    }

    fn dots(&self, canvas: &HtmlCanvasElement, scene: &Scene<'_>, geometry: &Geometry, s: &State) {
        let ratio = window().device_pixel_ratio().clamp(1.0, 3.0);
        let scale = f64::from(canvas.client_width()) * ratio / f64::from(geometry.width);
        let (width, height) = ((f64::from(geometry.width) * scale) as u32, (f64::from(geometry.height) * scale) as u32);
        // Setting the size clears the canvas, and costs more than clearing it does.
        if canvas.width() != width || canvas.height() != height {
            canvas.set_width(width);
            canvas.set_height(height);
        }
        let Some(context) = canvas.get_context("2d").ok().flatten().and_then(|c| c.dyn_into::<CanvasRenderingContext2d>().ok()) else {
            return;
        };
        let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));
        let _ = context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
        for dot in dots(geometry, scene.world, s.clock) {
            self.mark(&context, &dot, dot.root.is_some() && dot.root == scene.selected);
        }
    }

    fn mark(&self, context: &CanvasRenderingContext2d, dot: &Dot, selected: bool) {
        let (x, y) = (dot.x, dot.y);
        context.begin_path();
        match dot.mark {
            DotMark::Ok => {
                context.set_fill_style_str(&self.colours.ok);
                let _ = context.arc(x, y, RADIUS, 0.0, core::f64::consts::TAU);
                context.fill();
            }
            DotMark::Error => {
                context.set_stroke_style_str(&self.colours.error);
                context.set_line_width(2.5);
                context.move_to(x - RADIUS, y - RADIUS);
                context.line_to(x + RADIUS, y + RADIUS);
                context.move_to(x + RADIUS, y - RADIUS);
                context.line_to(x - RADIUS, y + RADIUS);
                context.stroke();
            }
            DotMark::Control => {
                context.set_fill_style_str(&self.colours.control);
                context.fill_rect(x - 3.0, y - 3.0, 6.0, 6.0);
            }
        }
        if selected {
            context.begin_path();
            context.set_stroke_style_str(&self.colours.ink);
            context.set_line_width(2.0);
            let _ = context.arc(x, y, RADIUS + 4.0, 0.0, core::f64::consts::TAU);
            context.stroke();
        }
    }
}

/// The request whose message is under the pointer, if one is near.
pub fn request_at(s: &State, index: usize, canvas: &Element, event: &MouseEvent) -> Option<u32> {
    let scene = scene(s, index);
    let geometry = Geometry::new(&scene);
    let place = canvas.get_bounding_client_rect();
    let scale = f64::from(geometry.width) / place.width().max(1.0);
    let (x, y) = ((f64::from(event.client_x()) - place.left()) * scale, (f64::from(event.client_y()) - place.top()) * scale);
    let distance = |dot: &Dot| (dot.x - x) * (dot.x - x) + (dot.y - y) * (dot.y - y);
    let all = dots(&geometry, scene.world, s.clock);
    let near = all.iter().filter(|dot| dot.root.is_some()).min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    if distance(near) <= REACH * REACH { near.root } else { None }
}
