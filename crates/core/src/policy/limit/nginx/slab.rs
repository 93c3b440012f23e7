//! How many nodes fit into a shared memory zone: nginx's slab allocator (`ngx_slab.c`), on a 64-bit
//! machine with pages of 4 kB.

const PAGE: usize = 4_096;

/// What the pool itself takes at the beginning: its header, and for each of nine sizes a list and counts.
const HEADER: usize = 704;

/// What a page is described by.
const PAGE_RECORD: usize = 24;

/// Chunks have 8, 16, … or 2,048 bytes, or they are a page.
const SIZES: usize = 10;

/// Where an allocation lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    /// As a power of two.
    shift: u8,
    page: u32,
}

/// A zone's memory.
#[derive(Clone, Debug)]
pub(super) struct Slab {
    /// Chunks in use on each page that has been given to a size.
    used: Vec<u16>,
    /// Pages of each size with room, the one that is used next at the end.
    open: [Vec<u32>; SIZES],
    /// Pages that were given back.
    spare: Vec<u32>,
    pages: u32,
}

impl Slab {
    /// A zone of so many bytes, with what nginx puts there before any key.
    pub(super) fn new(size: usize, own: &[usize]) -> Self {
        let room = size.saturating_sub(HEADER);
        let pages = room / (PAGE + PAGE_RECORD);
        let start = (HEADER + pages * PAGE_RECORD).next_multiple_of(PAGE);
        let pages = pages.min(size.saturating_sub(start) / PAGE) as u32;
        let mut slab = Self { used: Vec::new(), open: Default::default(), spare: Vec::new(), pages };
        for &bytes in own {
            slab.alloc(bytes);
        }
        slab
    }

    /// Takes so many bytes; `None` when there is no room.
    pub(super) fn alloc(&mut self, bytes: usize) -> Option<Chunk> {
        // From 2 kB on whole pages are taken; more than one is not told apart from one here.
        let bytes = if bytes >= PAGE / 2 { PAGE } else { bytes.max(8) };
        let shift = bytes.next_power_of_two().trailing_zeros() as u8;
        let size = usize::from(shift) - 3;
        let page = match self.open[size].last() {
            Some(&page) => page,
            None => {
                let page = self.spare.pop().or_else(|| {
                    let next = self.used.len() as u32;
                    (next < self.pages).then(|| {
                        self.used.push(0);
                        next
                    })
                })?;
                self.open[size].push(page);
                page
            }
        };
        self.used[page as usize] += 1;
        if self.used[page as usize] == Self::chunks(shift) {
            self.open[size].pop();
        }
        Some(Chunk { shift, page })
    }

    /// Gives a chunk back. A page that is empty then goes to whoever needs one.
    pub(super) fn free(&mut self, chunk: Chunk) {
        let (used, open) = (&mut self.used[chunk.page as usize], &mut self.open[usize::from(chunk.shift) - 3]);
        if *used == Self::chunks(chunk.shift) {
            open.push(chunk.page);
        }
        *used -= 1;
        if *used == 0 {
            open.retain(|&page| page != chunk.page);
            self.spare.push(chunk.page);
        }
    }

    /// Chunks on a page. Small ones have their map of free ones on the page itself.
    const fn chunks(shift: u8) -> u16 {
        let all = (PAGE >> shift) as u16;
        let map = match shift {
            3 => 8,
            4 => 2,
            5 => 1,
            _ => 0,
        };
        all - map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many fit.
    fn check(size: usize, bytes: usize, expect: usize) {
        let mut slab = Slab::new(size, &[]);
        let chunks: Vec<Chunk> = core::iter::from_fn(|| slab.alloc(bytes)).collect();
        assert_eq!(chunks.len(), expect, "{bytes} bytes in {size}");
        // Given back, as many fit again.
        chunks.into_iter().for_each(|chunk| slab.free(chunk));
        assert_eq!(core::iter::from_fn(|| slab.alloc(bytes)).count(), expect);
    }

    #[test]
    fn a_zone_holds_what_its_documentation_says() {
        // "One megabyte can keep about 16 thousand 64-byte states or about 8 thousand 128-byte states."
        check(1 << 20, 64, 254 * 64);
        check(1 << 20, 84, 254 * 32);
        check(32 << 10, 128, 7 * 32);
        check(32 << 10, 32, 7 * 127);
        check(32 << 10, 2_000, 14);
        check(32 << 10, 2_048, 7);
        check(100, 8, 0);
    }

    #[test]
    fn sizes_do_not_share_pages() {
        let mut slab = Slab::new(32 << 10, &[80, 25]);
        assert_eq!(core::iter::from_fn(|| slab.alloc(100)).count(), 6 * 32 - 1);
    }
}
