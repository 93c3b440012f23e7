//! Bits in a row: a proof takes as many as the lesson leaves choices, and no more.

/// How many bits a number may take; four bits before it say which of these.
const WIDTHS: [u32; 16] = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 53];

/// The greatest number that can be written.
pub(super) const MOST: u64 = (1 << WIDTHS[15]) - 1;

/// How many bits tell `of` things apart.
const fn width(of: usize) -> u32 {
    if of < 2 { 0 } else { (of - 1).ilog2() + 1 }
}

/// Writes bits, the lowest first.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    /// Bits of the last byte that are in use; zero when it is full.
    used: u32,
}

impl Writer {
    /// The lowest `count` bits of a value.
    pub(super) fn put(&mut self, value: u64, count: u32) {
        for place in 0..count {
            if self.used == 0 {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> place & 1) as u8) << self.used;
            }
            self.used = (self.used + 1) % 8;
        }
    }

    pub(super) fn flag(&mut self, on: bool) {
        self.put(u64::from(on), 1);
    }

    /// One of `of` things.
    pub(super) fn index(&mut self, index: usize, of: usize) {
        self.put(index as u64, width(of));
    }

    /// A number up to [`MOST`]; small ones take few bits.
    pub(super) fn number(&mut self, value: u64) {
        let class = WIDTHS.iter().position(|&width| value >> width == 0).unwrap_or(15);
        self.put(class as u64, 4);
        self.put(value, WIDTHS[class]);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        text.bytes().for_each(|byte| self.put(u64::from(byte), 8));
    }

    /// What was written, filled up with zeros to a whole byte.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads what a [`Writer`] wrote. Past the end there are zeros, and [`Reader::failed`] says so.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    failed: bool,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, failed: false }
    }

    /// Whether something was read that no writer writes.
    pub(super) const fn failed(&self) -> bool {
        self.failed
    }

    pub(super) const fn fail(&mut self) {
        self.failed = true;
        self.bytes = &[];
    }

    pub(super) fn take(&mut self, count: u32) -> u64 {
        let mut value = 0;
        for place in 0..count {
            let Some(byte) = self.bytes.get(self.at / 8) else {
                self.fail();
                return 0;
            };
            value |= u64::from(byte >> (self.at % 8) & 1) << place;
            self.at += 1;
        }
        value
    }

    pub(super) fn flag(&mut self) -> bool {
        self.take(1) == 1
    }

    /// One of `of` things, always below `of` unless there is none.
    pub(super) fn index(&mut self, of: usize) -> usize {
        let index = self.take(width(of)) as usize;
        if index >= of {
            self.fail();
            return 0;
        }
        index
    }

    pub(super) fn number(&mut self) -> u64 {
        let class = self.take(4) as usize;
        self.take(WIDTHS[class])
    }

    /// How many things follow: each takes a bit or more, so a count that cannot be is seen at once.
    pub(super) fn count(&mut self, most: usize) -> usize {
        let count = self.number();
        let left = (self.bytes.len() * 8).saturating_sub(self.at);
        if count > most.min(left) as u64 {
            self.fail();
            return 0;
        }
        count as usize
    }

    pub(super) fn text(&mut self) -> String {
        let len = self.count(usize::MAX);
        let bytes = (0..len).map(|_| self.take(8) as u8).collect();
        String::from_utf8(bytes).unwrap_or_else(|_| {
            self.fail();
            String::new()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut w = Writer::default();
        let numbers = [0, 1, 3, 4, 255, 256, 40_000, 1 << 20, (1 << 32) + 5, MOST];
        numbers.iter().for_each(|&n| w.number(n));
        w.flag(true);
        w.index(4, 5);
        w.index(0, 1);
        w.text("für b1");
        let bytes = w.into_bytes();
        let mut r = Reader::new(&bytes);
        numbers.iter().for_each(|&n| assert_eq!(r.number(), n));
        assert!(r.flag());
        assert_eq!((r.index(5), r.index(1)), (4, 0));
        assert_eq!(r.text(), "für b1");
        assert!(!r.failed());
    }

    #[test]
    fn small_things_take_few_bits() {
        for (of, bits) in [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (256, 8), (257, 9)] {
            assert_eq!(width(of), bits, "{of}");
        }
        for (value, bits) in [(0, 4), (3, 6), (4, 8), (1_000, 14), (MOST, 57)] {
            let mut w = Writer::default();
            w.number(value);
            assert_eq!(w.into_bytes().len(), usize::div_ceil(bits, 8), "{value}");
        }
    }

    #[test]
    fn what_nobody_wrote_is_noticed() {
        let mut r = Reader::new(&[0b11]);
        assert_eq!(r.index(3), 0, "3 is none of three");
        assert!(r.failed());
        let mut r = Reader::new(&[]);
        assert_eq!((r.number(), r.text(), r.failed()), (0, String::new(), true));
        // A text that says that it is longer than all there is.
        let mut w = Writer::default();
        w.number(MOST);
        assert!(Reader::new(&w.into_bytes()).text().is_empty());
        let mut w = Writer::default();
        w.number(1);
        w.put(0xff, 8);
        let bytes = w.into_bytes();
        let mut r = Reader::new(&bytes);
        assert_eq!((r.text(), r.failed()), (String::new(), true), "no UTF-8");
    }
}
