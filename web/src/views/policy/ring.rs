//! A hash ring: every server's points around the circle, the last key's place, and the way from
//! there to the next point whose owner can be picked.

use hopscope_core::policy::balance::{LookUp, RingPicture};
use hopscope_core::world::NodeId;
use maud::{Markup, html};

use super::{Moment, Servers};
use crate::views::text;

/// The circle in tenths of a degree.
const CIRCLE: u32 = 3_600;
/// How long a point is drawn, in the same.
const POINT: u32 = 7;
/// The radius of the outermost lane, the room for all of them, and how many there are at most.
const OUTER: i32 = 112;
const ROOM: i32 = 54;
const LANES: usize = 6;
/// Marks beside each other in the close-up.
const STEP: i32 = 32;
/// Points that the close-up shows before the key, and how many after it.
const BEFORE: u32 = 2;
const AFTER: u32 = 5;

/// The figure.
pub(super) fn draw(moment: &Moment<'_>, ring: &RingPicture) -> Markup {
    let pools = moment.run.world().pools_view(moment.decision.node);
    let Some((_, members)) = pools.get(usize::from(moment.decision.pool)) else { return html! {} };
    let owners: Vec<NodeId> = members.iter().map(|member| member.node).collect();
    let drawn = Drawn { ring, owners: &owners, servers: &moment.servers };
    let words = drawn.words();
    html! {
        figure.policy-picture {
            figcaption { h4 { "The ring" } }
            svg.policy-svg.ring-svg viewBox="-130 -130 260 260" role="img" aria-label={ "A ring with " (ring.points.len()) " points. " (words) } {
                circle.ring-line r=(OUTER + 10) {}
                @for lane in 0..drawn.lanes() { (drawn.lane(lane)) }
                @if let Some(key) = &ring.looked_up { (drawn.key(key)) }
            }
            @if let Some(key) = &ring.looked_up { (drawn.close_up(key)) }
            p.picture-words { (words) " " (drawn.lane_words()) }
            (drawn.table())
        }
    }
}

/// A ring with the names of those who own its points.
struct Drawn<'a> {
    ring: &'a RingPicture,
    owners: &'a [NodeId],
    servers: &'a Servers,
}

/// A place on the circle in tenths of a degree.
const fn tenths(place: u64) -> u32 {
    (((place >> 32) * CIRCLE as u64) >> 32) as u32
}

impl Drawn<'_> {
    /// The server that owns a point, by its place among all servers. Counting goes on round the circle.
    fn owner(&self, point: usize) -> usize {
        let (_, owner) = self.ring.points[point % self.ring.points.len()];
        self.owners.get(owner).and_then(|&node| self.servers.index(node)).unwrap_or(0)
    }

    fn lanes(&self) -> usize {
        self.servers.all().len().min(LANES)
    }

    /// How far lanes are apart.
    fn apart(&self) -> i32 {
        (ROOM / self.lanes().max(1) as i32).min(14)
    }

    fn radius(&self, lane: usize) -> i32 {
        OUTER - self.apart() * lane as i32
    }

    /// The points of the servers on a lane as one dashed circle. Points that would touch are one.
    fn lane(&self, lane: usize) -> Markup {
        let (mut dashes, mut end) = (String::new(), 0);
        for (point, &(place, _)) in self.ring.points.iter().enumerate() {
            let at = tenths(place);
            if self.owner(point) % LANES == lane && (at >= end + 2 || end == 0) && at + POINT < CIRCLE {
                let gap = if dashes.is_empty() { format!("0 {at} {POINT}") } else { format!(" {} {POINT}", at - end) };
                dashes.push_str(&gap);
                end = at + POINT;
            }
        }
        html! {
            circle.ring-lane r=(self.radius(lane)) stroke-width=(self.apart() - 2) {}
            @if end > 0 {
                circle class=(if lane.is_multiple_of(2) { "ring-points" } else { "ring-points other" }) stroke-width=(self.apart() - 2) r=(self.radius(lane)) pathLength=(CIRCLE) stroke-dasharray={ (dashes) " " (CIRCLE - end) } transform="rotate(-90)" {}
            }
        }
    }

    /// A hand to the key's place, and the way from there to the point that was taken.
    fn key(&self, key: &LookUp) -> Markup {
        let taken = self.taken(key);
        let (from, to) = (tenths(key.place), tenths(self.ring.points[taken].0));
        // Past the end of a circle that is not closed the way leads back.
        let way = if self.is_past_the_end(key) && key.passed == 0 { 12 } else { ((to + CIRCLE - from) % CIRCLE).max(12) };
        let hand = 46;
        let name = &self.servers.all()[self.owner(taken)].name;
        html! {
            g transform=(rotate(from)) {
                path.ring-hand d=(format_args!("M0 -{hand}V-{}", OUTER + 10)) {}
                circle.ring-way r=(OUTER + 10) pathLength=(CIRCLE) stroke-dasharray={ (way) " " (CIRCLE - way) } transform="rotate(-90)" {}
                circle.ring-key cy=(-(OUTER + 10)) r="5.500" {}
            }
            g transform=(rotate(to)) { circle.ring-taken cy=(-self.radius(self.owner(taken) % LANES)) r="7" {} }
            text.pp-tick y="-8" text-anchor="middle" { "the key" }
            text.ring-name y="14" text-anchor="middle" { "→ " (text::fit(name, 17, true, 2 * hand - 22)) }
        }
    }

    /// Whether the key lies past the last point of a circle that is not closed.
    fn is_past_the_end(&self, key: &LookUp) -> bool {
        self.ring.points[key.first as usize].0 < key.place && key.first as usize + 1 == self.ring.points.len() && key.first > 0
    }

    /// The point that was taken.
    fn taken(&self, key: &LookUp) -> usize {
        (key.first + key.passed) as usize % self.ring.points.len()
    }

    /// The points around the key one beside the other, not to scale.
    fn close_up(&self, key: &LookUp) -> Markup {
        let width = (BEFORE + 1 + AFTER) as i32 * STEP + 4;
        let x = |place: u32| 18 + STEP * place as i32;
        // A long way is cut short: its first steps, then the last.
        let cut = key.passed.saturating_sub(AFTER - 2);
        let after = |place: u32| if cut > 0 && place + 2 >= AFTER { place + cut } else { place };
        let len = self.ring.points.len();
        let back = |steps: u32| (key.first as usize + len - steps as usize % len.max(1)) % len;
        let end = key.passed - cut;
        html! {
            svg.policy-svg.ring-svg viewBox=(format_args!("0 0 {width} 84")) role="img" aria-label={ "The points around the key, not to scale. " (self.steps(key)) } {
                path.ring-line d=(format_args!("M0 44H{width}")) {}
                @for place in 0..BEFORE { (self.point(back(BEFORE - place), x(place), "pp-out")) }
                path.ring-walk d=(format_args!("M{} 30V16H{}V24", x(BEFORE), x(BEFORE + 1 + end))) {}
                path.ring-walk-head d=(format_args!("M{} 22l5 7 5 -7z", x(BEFORE + 1 + end) - 5)) {}
                circle.ring-key cx=(x(BEFORE)) cy="44" r="6" {}
                text.pp-tick x=(x(BEFORE) + 8) y="76" text-anchor="end" { "key" }
                @for place in 0..AFTER {
                    @let step = after(place);
                    @let class = match step { s if s < key.passed => "ring-passed", s if s == key.passed => "ring-chosen", _ => "pp-out" };
                    (self.point(key.first as usize + step as usize, x(BEFORE + 1 + place), class))
                }
                @if cut > 0 { text.pp-tick x=(x(BEFORE + 1 + end) - STEP / 2) y="76" text-anchor="end" { "… " (cut) " more" } }
                text.ring-verdict x=(x(BEFORE + 1 + end)) y="76" text-anchor="middle" { "chosen" }
            }
        }
    }

    fn point(&self, point: usize, x: i32, class: &str) -> Markup {
        html! {
            g class=(class) transform=(format_args!("translate({x} 44)")) {
                (self.servers.mark(self.owner(point)))
                @if class == "ring-chosen" { rect.ring-frame x="-15" y="-15" width="30" height="30" rx="6" {} }
                @if class == "ring-passed" { circle.rs-failed.disc cx="9" cy="9" r="6" {} path.rs-failed d="M6.5 6.5l5 5m0 -5l-5 5" {} }
            }
        }
    }

    fn steps(&self, key: &LookUp) -> String {
        let name = |point: usize| self.servers.all()[self.owner(point)].name.as_str();
        let mut passed: Vec<&str> = Vec::new();
        for step in 0..key.passed {
            let owner = name((key.first + step) as usize);
            if !passed.contains(&owner) {
                passed.push(owner);
            }
        }
        let taken = name(self.taken(key));
        match passed.as_slice() {
            [] if self.is_past_the_end(key) => {
                format!("The key lies past the last point, and this circle is not closed: it belongs to {taken} there.")
            }
            [] => format!("The first point after the key is one of {taken}."),
            all => {
                let points = text::count(key.passed.into(), "point", "points");
                format!("From the key it passes {points} of {}, who cannot take it, and ends at one of {taken}.", all.join(", "))
            }
        }
    }

    fn words(&self) -> String {
        self.ring
            .looked_up
            .as_ref()
            .map_or_else(|| "It decided nothing here: no key found a point whose server can be picked.".to_owned(), |key| self.steps(key))
    }

    /// Which lane is whose.
    fn lane_words(&self) -> String {
        let names: Vec<&str> = self.servers.all().iter().map(|server| server.name.as_str()).collect();
        if names.len() > LANES {
            return format!("Every {LANES}th server shares a lane.");
        }
        format!("The lanes of the ring from the outside in: {}.", names.join(", "))
    }

    /// How many points each server has, and how much of the circle leads to them.
    fn table(&self) -> Markup {
        let shares = self.ring.shares(self.owners.len());
        let count = |member: usize| self.ring.points.iter().filter(|&&(_, owner)| owner == member).count();
        html! {
            table.policy-table {
                thead { tr { th scope="col" { "Server" } th scope="col" class="number" { "Points" } th scope="col" class="number" { "Share of the ring" } } }
                tbody {
                    @for (member, &node) in self.owners.iter().enumerate() {
                        @if let Some(index) = self.servers.index(node) {
                            tr {
                                th scope="row" { (self.servers.named(index)) }
                                td.number { (count(member)) }
                                td.number { (shares[member] / 10) "." (shares[member] % 10) " %" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A turn from the top, clockwise.
fn rotate(tenths: u32) -> String {
    format!("rotate({}.{})", tenths / 10, tenths % 10)
}
