//! Parts of the traffic by a key's hash.

use crate::policy::balance::hash::murmur2;

/// nginx `split_clients`: the MurmurHash2 of a key, in a range that is cut into percentages. A
/// key keeps its part for as long as the percentages before it stay.
#[derive(Clone, Debug)]
pub struct Split {
    /// Where each part ends; `None` takes the rest.
    ends: Vec<Option<u32>>,
}

impl Split {
    /// Parts in hundredths of a percent; `None` is nginx's `*`, all that is left.
    pub fn new(parts: impl IntoIterator<Item = Option<u32>>) -> Self {
        let mut end = 0u32;
        let part = |hundredths: u32| (u64::from(hundredths.min(10_000)) * u64::from(u32::MAX) / 10_000) as u32;
        let ends = parts.into_iter().map(|hundredths| {
            end = end.saturating_add(part(hundredths?));
            Some(end)
        });
        Self { ends: ends.collect() }
    }

    /// The part that a key falls into, by index; `None` when the parts leave some out.
    pub fn part_of(&self, key: &[u8]) -> Option<usize> {
        let hash = murmur2(key);
        self.ends.iter().position(|end| end.is_none_or(|end| hash < end))
    }
}
