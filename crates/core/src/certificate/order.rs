//! An order of things, as the place of each among those that are left.

use super::bits::{Reader, Writer};

/// The place of each name among those of `all` that come no earlier; `None` when it is no order of all.
pub(super) fn places<S: AsRef<str>>(order: &[String], all: &[S]) -> Option<Vec<usize>> {
    let mut left: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    let mut places = Vec::new();
    for name in order {
        let place = left.iter().position(|other| other == name)?;
        left.remove(place);
        places.push(place);
    }
    left.is_empty().then_some(places)
}

pub(super) fn write(w: &mut Writer, places: &[usize]) {
    for (done, &place) in places.iter().enumerate() {
        w.index(place, places.len() - done);
    }
}

pub(super) fn read<S: AsRef<str>>(r: &mut Reader<'_>, all: &[S]) -> Vec<String> {
    let mut left: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    (0..all.len()).map(|_| left.remove(r.index(left.len())).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_reads_back_and_nothing_else_is_one() {
        let all = ["a", "b", "c", "d"];
        let owned = |names: &str| names.chars().map(String::from).collect::<Vec<_>>();
        for names in ["abcd", "dcba", "bdac", "adcb"] {
            let mut w = Writer::default();
            write(&mut w, &places(&owned(names), &all).unwrap_or_default());
            let bytes = w.into_bytes();
            assert_eq!(bytes.len(), 1, "five bits are enough for 24 orders");
            assert_eq!(read(&mut Reader::new(&bytes), &all).concat(), names);
        }
        for names in ["abc", "abcde", "abcc", "abcx", ""] {
            assert_eq!(places(&owned(names), &all), None, "{names}");
        }
        // Bytes that are no order still give one, and the reader knows.
        let mut r = Reader::new(&[0xff]);
        assert_eq!(read(&mut r, &all).len(), 4);
        assert!(Reader::new(&[]).take(1) == 0);
    }
}
