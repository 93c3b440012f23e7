//! Load shedding: under load the less important go first, because room is kept for the others
//! (Google, Site Reliability Engineering, chapter 21: criticality).

/// Who is let in: each class only while so much room would still be left for those above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shedder {
    /// How much can be done at once.
    pub capacity: u32,
    /// For each class the share of the capacity that it leaves free, in thousandths: 0 for a class that
    /// may take everything. Another class than these takes as much as the last.
    pub reserved: Vec<u16>,
}

/// Why somebody is let in or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shed {
    /// There is room.
    Admitted,
    /// What is left is kept for others: so much is free, and so much has to stay so.
    Reserved {
        /// What is free now.
        free: u32,
        /// What has to be free after.
        kept: u32,
    },
    /// There is no room for anybody.
    Full,
}

impl Shedder {
    /// How much has to be free after a request of that class was let in.
    pub fn kept(&self, class: usize) -> u32 {
        let share = self.reserved.get(class).or(self.reserved.last()).copied().unwrap_or(0);
        // Rounded up: a share of something is something.
        (u64::from(self.capacity) * u64::from(share)).div_ceil(1_000) as u32
    }

    /// Whether a request of that class is let in while so much is in use. `cost` is what it takes.
    pub fn decide(&self, class: usize, in_use: u32, cost: u32) -> Shed {
        let free = self.capacity.saturating_sub(in_use);
        let kept = self.kept(class);
        match free.checked_sub(cost) {
            None => Shed::Full,
            Some(after) if after < kept => Shed::Reserved { free, kept },
            Some(_) => Shed::Admitted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(class: usize, in_use: u32, expect: Shed) {
        let shedder = Shedder { capacity: 10, reserved: vec![0, 200, 550] };
        assert_eq!(shedder.decide(class, in_use, 1), expect, "class {class} at {in_use} of 10");
    }

    #[test]
    fn the_less_important_go_first() {
        check(0, 9, Shed::Admitted);
        check(0, 10, Shed::Full);
        check(1, 7, Shed::Admitted);
        check(1, 8, Shed::Reserved { free: 2, kept: 2 });
        check(2, 3, Shed::Admitted);
        check(2, 4, Shed::Reserved { free: 6, kept: 6 });
        check(9, 4, Shed::Reserved { free: 6, kept: 6 });
        check(1, 12, Shed::Full);
    }
}
