//! The stage: an SVG of everything that stands still, and a canvas above it for what moves.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, MouseEvent};

use super::run::{Handle, State};
use crate::views::dots::{Dot, DotMark, dots};
use crate::views::geometry::Geometry;
use crate::views::{self, Scene, Shape};

/// How near a click must be to a dot, in the stage's own units.
const REACH: f64 = 18.0;
/// The radius of a dot.
const RADIUS: f64 = 5.0;

/// The scene of one of the runs.
fn scene(s: &State, index: usize, shape: Shape) -> Scene<'_> {
    let timeline = &s.runs[index].timeline;
    let selected = if index == s.shown { s.request() } else { None };
    let chosen = if index == s.shown { s.decision().and_then(|(_, d)| Some((d.node, d.chosen?))) } else { None };
    Scene { lab: &s.lab, world: timeline.world(), log: timeline.log(), shape, selected, chosen }
}

fn shape(width: u32, side_by_side: bool) -> Shape {
    if side_by_side && width >= 900 { Shape::Half } else { Shape::for_width(width) }
}

/// The stage of a run.
pub fn view(handle: Handle, index: usize) -> impl IntoView {
    let compared = handle.with(|s| s.runs.len() > 1);
    let shape = move || shape(handle.width.get(), compared);
    let picture = move || {
        let shape = shape();
        // Between two events nothing stands still differently, so a picture is kept for its event.
        handle.watch(|s| if index < s.runs.len() { views::stage::stage(&scene(s, index, shape)) } else { String::new() })
    };
    let canvas = NodeRef::<leptos::html::Canvas>::new();
    let paint = move || {
        handle.tick.track();
        let shape = shape();
        if let Some(canvas) = canvas.get() {
            handle.with(|s| {
                if index < s.runs.len() {
                    draw(&canvas, s, index, shape);
                }
            });
        }
    };
    Effect::new(move |_| paint());
    let pick = move |event: MouseEvent| {
        let Some(canvas) = canvas.get_untracked() else { return };
        let found = handle.with(|s| nearest(&canvas, s, index, shape_now(handle, compared), &event));
        if let Some(root) = found {
            handle.change(|s| {
                s.selected = Some(root);
                s.shown = index;
            });
        }
    };
    view! {
        <div class="stage-frame" on:click=pick>
            <div class="stage-picture" inner_html=picture></div>
            <canvas class="stage-dots" aria-hidden="true" node_ref=canvas></canvas>
        </div>
    }
}

fn shape_now(handle: Handle, compared: bool) -> Shape {
    shape(handle.width.get_untracked(), compared)
}

/// Asks for the stage to be painted again, such as when it comes into view.
pub fn paint(handle: Handle) {
    handle.tick.update(|n| *n = n.wrapping_add(1));
}

fn draw(canvas: &HtmlCanvasElement, s: &State, index: usize, shape: Shape) {
    let scene = scene(s, index, shape);
    let geometry = Geometry::new(&scene);
    let ratio = window().device_pixel_ratio().clamp(1.0, 3.0);
    let (shown_width, _) = (f64::from(canvas.client_width()), canvas.client_height());
    let scale = shown_width * ratio / f64::from(geometry.width);
    let (width, height) = ((f64::from(geometry.width) * scale) as u32, (f64::from(geometry.height) * scale) as u32);
    // Setting the size clears the canvas, and costs more than clearing it does.
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let Some(context) = canvas.get_context("2d").ok().flatten().and_then(|c| c.dyn_into::<CanvasRenderingContext2d>().ok()) else { return };
    let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
    context.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));
    let _ = context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
    let colours = Colours::of(canvas);
    for dot in dots(&geometry, scene.world, s.clock) {
        mark(&context, &dot, &colours, dot.root.is_some() && dot.root == scene.selected);
    }
}

struct Colours {
    ok: String,
    error: String,
    control: String,
    ink: String,
}

impl Colours {
    fn of(canvas: &HtmlCanvasElement) -> Self {
        let style = window().get_computed_style(canvas).ok().flatten();
        let token = |name: &str| style.as_ref().and_then(|s| s.get_property_value(name).ok()).unwrap_or_default();
        Self { ok: token("--ok"), error: token("--error"), control: token("--client"), ink: token("--ink") }
    }
}

fn mark(context: &CanvasRenderingContext2d, dot: &Dot, colours: &Colours, selected: bool) {
    let (x, y) = (dot.x, dot.y);
    context.begin_path();
    match dot.mark {
        DotMark::Ok => {
            context.set_fill_style_str(&colours.ok);
            let _ = context.arc(x, y, RADIUS, 0.0, core::f64::consts::TAU);
            context.fill();
        }
        DotMark::Error => {
            context.set_stroke_style_str(&colours.error);
            context.set_line_width(2.5);
            context.move_to(x - RADIUS, y - RADIUS);
            context.line_to(x + RADIUS, y + RADIUS);
            context.move_to(x + RADIUS, y - RADIUS);
            context.line_to(x - RADIUS, y + RADIUS);
            context.stroke();
        }
        DotMark::Control => {
            context.set_fill_style_str(&colours.control);
            context.fill_rect(x - 3.0, y - 3.0, 6.0, 6.0);
        }
    }
    if selected {
        context.begin_path();
        context.set_stroke_style_str(&colours.ink);
        context.set_line_width(2.0);
        let _ = context.arc(x, y, RADIUS + 4.0, 0.0, core::f64::consts::TAU);
        context.stroke();
    }
}

fn nearest(canvas: &HtmlCanvasElement, s: &State, index: usize, shape: Shape, event: &MouseEvent) -> Option<u32> {
    let scene = scene(s, index, shape);
    let geometry = Geometry::new(&scene);
    let place = canvas.get_bounding_client_rect();
    let scale = f64::from(geometry.width) / place.width().max(1.0);
    let (x, y) = ((f64::from(event.client_x()) - place.left()) * scale, (f64::from(event.client_y()) - place.top()) * scale);
    let distance = |dot: &Dot| (dot.x - x) * (dot.x - x) + (dot.y - y) * (dot.y - y);
    let all = dots(&geometry, scene.world, s.clock);
    let near = all.iter().filter(|dot| dot.root.is_some()).min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    if distance(near) <= REACH * REACH { near.root } else { None }
}
